package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.taskmanager.TaskManagerRuntimeInfo;
import org.apache.flink.streaming.api.operators.StreamingRuntimeContext;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;

/**
 * What a {@link PairScorer} needs to know of the task in which it runs, and of its TaskManager.
 *
 * @param task the task
 * @param metrics the metric group of the operator
 * @param externalResources returns the TaskManager's external resources of a name
 * @param slots the number of slots of the TaskManager; empty if it is not known
 * @param address the TaskManager's address; empty if it is not known
 * @param clock the processing time of the operator, whose callbacks run on the task thread; empty
 *     if it cannot be reached
 */
@Internal
public record TaskEnvironment(
    TaskInfo task,
    MetricGroup metrics,
    Function<String, Set<ExternalResourceInfo>> externalResources,
    OptionalInt slots,
    Optional<String> address,
    Optional<ProcessingTimeService> clock) {
  public TaskEnvironment {
    requireNonNull(task, "task is null");
    requireNonNull(metrics, "metrics is null");
    requireNonNull(externalResources, "externalResources is null");
  }

  /**
   * Reads the environment from a task's own context. The wrapper that Flink gives to asynchronous
   * functions does not know the TaskManager.
   */
  public static TaskEnvironment of(RuntimeContext context) {
    Optional<StreamingRuntimeContext> streaming =
        context instanceof StreamingRuntimeContext own ? Optional.of(own) : Optional.empty();
    Optional<TaskManagerRuntimeInfo> taskManager =
        streaming.map(StreamingRuntimeContext::getTaskManagerRuntimeInfo);
    return new TaskEnvironment(
        context.getTaskInfo(),
        context.getMetricGroup(),
        context::getExternalResourceInfos,
        taskManager.isPresent()
            ? OptionalInt.of(
                taskManager.get().getConfiguration().get(TaskManagerOptions.NUM_TASK_SLOTS))
            : OptionalInt.empty(),
        taskManager.map(TaskManagerRuntimeInfo::getTaskManagerExternalAddress),
        streaming.map(StreamingRuntimeContext::getProcessingTimeService));
  }
}
