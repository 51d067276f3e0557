package dev.crossencoder.sql;

import dev.crossencoder.operator.TaskEnvironment;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.operators.StreamingRuntimeContext;
import org.apache.flink.table.functions.FunctionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the task and the TaskManager of a function of SQL. {@link FunctionContext} gives access to
 * metrics and external resources, but not to the number of slots. The task's own context, which it
 * hides in a private field, does.
 */
final class TaskEnvironments {
  private static final Logger LOG = LoggerFactory.getLogger(TaskEnvironments.class);

  /** The arguments of a TaskManager's process, which Flink's scripts give the number of slots. */
  private static final String COMMAND = "sun.java.command";

  private static final int MAX_WRAPPERS = 10;

  private TaskEnvironments() {}

  /** Returns the environment of the task in which a function is opened. */
  static TaskEnvironment of(FunctionContext context) {
    Optional<StreamingRuntimeContext> task = taskContext(context);
    return task.isPresent()
        ? TaskEnvironment.of(task.get())
        : withoutTaskContext(context, System.getProperty(COMMAND, ""));
  }

  /**
   * Returns what is known without the task's own context.
   *
   * @param command the class and the arguments of this JVM
   */
  static TaskEnvironment withoutTaskContext(FunctionContext context, String command) {
    OptionalInt slots = slots(command);
    if (slots.isEmpty()) {
      LOG.warn(
          "Cannot find the number of slots of this TaskManager; one is assumed. If it has more, set cpu.threads of the model to the number of cores divided by the number of slots.");
    }
    return new TaskEnvironment(
        context.getTaskInfo(),
        context.getMetricGroup(),
        context::getExternalResourceInfos,
        slots,
        Optional.empty(),
        Optional.empty());
  }

  private static OptionalInt slots(String command) {
    Matcher slots =
        Pattern.compile(
                "-D\\s*"
                    + Pattern.quote(TaskManagerOptions.NUM_TASK_SLOTS.key())
                    + "=(\\d{1,6})\\b")
            .matcher(command);
    return slots.find() ? OptionalInt.of(Integer.parseInt(slots.group(1))) : OptionalInt.empty();
  }

  private static Optional<StreamingRuntimeContext> taskContext(FunctionContext context) {
    try {
      RuntimeContext wrapped = wrapped(FunctionContext.class, context);
      for (int i = 0; i < MAX_WRAPPERS && wrapped != null; i++) {
        if (wrapped instanceof StreamingRuntimeContext task) {
          return Optional.of(task);
        }
        wrapped = wrapped(wrapped.getClass(), wrapped);
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.debug("Cannot reach the task's context", e);
    }
    return Optional.empty();
  }

  /** Returns the context in a field of a wrapper, or null if it has none. */
  private static RuntimeContext wrapped(Class<?> type, Object wrapper)
      throws IllegalAccessException {
    Optional<Field> field =
        Arrays.stream(type.getDeclaredFields())
            .filter(candidate -> !Modifier.isStatic(candidate.getModifiers()))
            .filter(candidate -> RuntimeContext.class.isAssignableFrom(candidate.getType()))
            .findFirst();
    if (field.isEmpty()) {
      return null;
    }
    field.get().setAccessible(true);
    return (RuntimeContext) field.get().get(wrapper);
  }
}
