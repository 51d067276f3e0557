package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.JobID;
import org.apache.flink.metrics.CharacterFilter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.clusterframework.types.ResourceID;
import org.apache.flink.runtime.executiongraph.ExecutionGraphTestUtils;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;
import org.apache.flink.runtime.metrics.groups.TaskManagerMetricGroup;
import org.apache.flink.runtime.metrics.groups.TaskMetricGroup;
import org.apache.flink.runtime.metrics.util.TestingMetricRegistry;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;

/** The counters that an operator registers in its task's group. */
final class RecordedCounters {
  private final Map<String, Counter> counters = new ConcurrentHashMap<>();

  /** Makes the environment of a task. */
  MockEnvironment environment() {
    TestingMetricRegistry registry =
        TestingMetricRegistry.builder()
            .setRegisterConsumer(
                (metric, name, group) -> {
                  if (metric instanceof Counter counter) {
                    counters.put(name(group, name), counter);
                  }
                })
            .build();
    TaskMetricGroup group =
        TaskManagerMetricGroup.createTaskManagerMetricGroup(
                registry, "localhost", ResourceID.generate())
            .addJob(new JobID(), "job")
            .addTask(ExecutionGraphTestUtils.createExecutionAttemptId(), "task");
    return new MockEnvironmentBuilder().setMetricGroup(group).build();
  }

  private static String name(MetricGroup group, String name) {
    return ((AbstractMetricGroup<?>) group)
            .getLogicalScope(CharacterFilter.NO_OP_FILTER, '.')
            .replaceFirst(".*\\.operator\\.", "")
        + "."
        + group.getAllVariables().getOrDefault("<route>", "")
        + "."
        + name;
  }

  /**
   * Returns the value of a counter of one of several models.
   *
   * @param route the name of the model
   */
  long ofRoute(String route, String name) {
    Counter counter = counters.get("crossEncoder.route." + route + "." + name);
    assertThat(counter).as("%s of %s among %s", name, route, counters.keySet()).isNotNull();
    return counter.getCount();
  }
}
