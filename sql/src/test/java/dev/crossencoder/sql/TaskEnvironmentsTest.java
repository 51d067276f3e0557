package dev.crossencoder.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.operator.TaskEnvironment;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.util.TestingTaskManagerRuntimeInfo;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.apache.flink.streaming.util.MockStreamingRuntimeContext;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.testutils.logging.LoggerAuditingExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.event.Level;

class TaskEnvironmentsTest {
  private static final String COMMAND =
      "org.apache.flink.runtime.taskexecutor.TaskManagerRunner -D taskmanager.cpu.cores=4.0 -D taskmanager.numberOfTaskSlots=3 --configDir conf";

  @RegisterExtension
  private final LoggerAuditingExtension log =
      new LoggerAuditingExtension(TaskEnvironments.class, Level.WARN);

  private MockEnvironment environment;

  @BeforeEach
  void createEnvironment() {
    Configuration taskManager = new Configuration();
    taskManager.set(TaskManagerOptions.NUM_TASK_SLOTS, 2);
    environment =
        MockEnvironment.builder()
            .setTaskManagerRuntimeInfo(new TestingTaskManagerRuntimeInfo(taskManager))
            .setExternalResourceInfoProvider(name -> Set.of())
            .build();
  }

  @AfterEach
  void closeEnvironment() throws Exception {
    environment.close();
  }

  /** A context as Flink gives it to the function of ML_PREDICT. */
  private FunctionContext context() {
    RichAsyncFunction<Object, Object> function = new Nothing();
    function.setRuntimeContext(new MockStreamingRuntimeContext(1, 0, environment));
    return new FunctionContext(function.getRuntimeContext());
  }

  @Test
  void theTasksOwnContextKnowsTheSlotsAndTheClock() {
    TaskEnvironment found = TaskEnvironments.of(context());

    assertThat(found.slots()).hasValue(2);
    assertThat(found.clock()).isPresent();
    assertThat(found.address()).isPresent();
    assertThat(log.getMessages()).isEmpty();
  }

  @Test
  void otherwiseTheCommandOfTheTaskManagerKnowsTheSlots() {
    TaskEnvironment found = TaskEnvironments.withoutTaskContext(context(), COMMAND);

    assertThat(found.slots()).hasValue(3);
    assertThat(found.clock()).isEmpty();
    assertThat(log.getMessages()).isEmpty();
  }

  @Test
  void otherwiseAWarningSaysWhatToSet() {
    TaskEnvironment found = TaskEnvironments.withoutTaskContext(context(), "app.Main");

    assertThat(found.slots()).isEmpty();
    assertThat(log.getMessages())
        .singleElement()
        .asString()
        .startsWith("Cannot find the number of slots of this TaskManager; one is assumed.")
        .contains("cpu.threads");
  }

  private static final class Nothing extends RichAsyncFunction<Object, Object> {
    private static final long serialVersionUID = 1L;

    @Override
    public void asyncInvoke(Object input, ResultFuture<Object> result) {
      throw new UnsupportedOperationException();
    }
  }
}
