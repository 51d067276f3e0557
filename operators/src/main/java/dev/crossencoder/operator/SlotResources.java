package dev.crossencoder.operator;

import dev.crossencoder.model.Device;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;

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
   * Reads the resources of a task.
   *
   * @throws InvalidOptionException if an external resource has no numeric property {@code index}
   */
  static SlotResources of(TaskEnvironment environment, DeviceConfig config) {
    int slots = Math.max(1, environment.slots().orElse(1));
    return new SlotResources(
        environment.task().getAllocationIDAsString(),
        devices(environment, config),
        config.cpuThreads() == null
            ? Math.max(1, Runtime.getRuntime().availableProcessors() / slots)
            : config.cpuThreads());
  }

  /** Returns the host name of the task's TaskManager, and its address if that is different. */
  static String host(TaskEnvironment environment) {
    String name;
    try {
      name = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      name = "a host without a name";
    }
    String address = environment.address().orElse("");
    return address.isBlank() || address.equals(name) ? name : "%s (%s)".formatted(name, address);
  }

  private static List<String> devices(TaskEnvironment environment, DeviceConfig config) {
    if (!config.device().equals(DeviceConfig.AUTO)) {
      return List.of(config.device());
    }
    Set<ExternalResourceInfo> resources = environment.externalResources().apply(config.resource());
    if (resources.isEmpty()) {
      return List.of(Device.CPU.name());
    }
    return resources.stream()
        .map(resource -> "gpu" + index(resource, config))
        .sorted()
        .collect(Collectors.toUnmodifiableList());
  }

  private static int index(ExternalResourceInfo resource, DeviceConfig config) {
    Optional<String> index = resource.getProperty(INDEX);
    try {
      return Integer.parseInt(index.orElse(""));
    } catch (NumberFormatException e) {
      throw new InvalidOptionException(
          CrossEncoderFunctionOptions.DEVICE_RESOURCE,
          "%s. One of its devices has the index %s, but a number is needed to select the GPU. Name a resource whose driver sets the property index, as Flink's GPU driver does, or set %s."
              .formatted(
                  config.resource(),
                  index.orElse("(none)"),
                  CrossEncoderFunctionOptions.DEVICE.key()),
          e);
    }
  }
}
