package dev.crossencoder.operator;

import dev.crossencoder.model.Device;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.operators.StreamingRuntimeContext;

/**
 * The devices and cores of a TaskManager that a task may use.
 *
 * @param slot identifies the task's slot within the TaskManager
 * @param devices the names of the devices on which the slot may score; never empty
 * @param cpuThreads the number of cores of one slot
 */
record SlotResources(String slot, List<String> devices, int cpuThreads) {
  private static final String INDEX = "index";

  /**
   * Reads the resources of a task from its context.
   *
   * @param context the task's own context, not the wrapper that Flink gives to asynchronous
   *     functions
   * @throws InvalidOptionException if an external resource has no numeric property {@code index}
   */
  static SlotResources of(RuntimeContext context, ScoringConfig config) {
    return new SlotResources(
        context.getTaskInfo().getAllocationIDAsString(),
        devices(context, config),
        config.cpuThreads() == null
            ? Math.max(1, Runtime.getRuntime().availableProcessors() / slots(context))
            : config.cpuThreads());
  }

  /** Returns the host name of the task's TaskManager, and its address if that is different. */
  static String host(RuntimeContext context) {
    String name;
    try {
      name = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      name = "a host without a name";
    }
    String address =
        context instanceof StreamingRuntimeContext streaming
            ? streaming.getTaskManagerRuntimeInfo().getTaskManagerExternalAddress()
            : "";
    return address == null || address.isBlank() || address.equals(name)
        ? name
        : "%s (%s)".formatted(name, address);
  }

  private static List<String> devices(RuntimeContext context, ScoringConfig config) {
    if (!config.device().equals(ScoringConfig.AUTO_DEVICE)) {
      return List.of(config.device());
    }
    Set<ExternalResourceInfo> resources = context.getExternalResourceInfos(config.deviceResource());
    if (resources.isEmpty()) {
      return List.of(Device.CPU.name());
    }
    return resources.stream()
        .map(resource -> "gpu" + index(resource, config))
        .sorted()
        .collect(Collectors.toUnmodifiableList());
  }

  private static int index(ExternalResourceInfo resource, ScoringConfig config) {
    Optional<String> index = resource.getProperty(INDEX);
    try {
      return Integer.parseInt(index.orElse(""));
    } catch (NumberFormatException e) {
      throw new InvalidOptionException(
          CrossEncoderFunctionOptions.DEVICE_RESOURCE,
          "%s. One of its devices has the index %s, but a number is needed to select the GPU. Name a resource whose driver sets the property index, as Flink's GPU driver does, or set %s."
              .formatted(
                  config.deviceResource(),
                  index.orElse("(none)"),
                  CrossEncoderFunctionOptions.DEVICE.key()),
          e);
    }
  }

  private static int slots(RuntimeContext context) {
    if (context instanceof StreamingRuntimeContext streaming) {
      return Math.max(
          1,
          streaming
              .getTaskManagerRuntimeInfo()
              .getConfiguration()
              .get(TaskManagerOptions.NUM_TASK_SLOTS));
    }
    return 1;
  }
}
