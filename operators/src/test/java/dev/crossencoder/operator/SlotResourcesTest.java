package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.util.TestingTaskManagerRuntimeInfo;
import org.apache.flink.streaming.util.MockStreamingRuntimeContext;
import org.junit.jupiter.api.Test;

class SlotResourcesTest {
  private static final int CORES = Runtime.getRuntime().availableProcessors();

  @Test
  void withoutExternalResourcesTheDeviceIsTheCpu() throws Exception {
    assertThat(resources(TestOptions.of("demo-qa"), 1).devices()).containsExactly("cpu");
  }

  @Test
  void theDevicesAreTheTaskManagersGpus() throws Exception {
    assertThat(resources(TestOptions.of("demo-qa"), 1, gpu("1"), gpu("0")).devices())
        .containsExactly("gpu0", "gpu1");
  }

  @Test
  void aDeviceThatIsToldIsTheOnlyOne() throws Exception {
    assertThat(
            resources(TestOptions.with(CrossEncoderFunctionOptions.DEVICE, "cpu"), 1, gpu("0"))
                .devices())
        .containsExactly("cpu");
    assertThat(resources(TestOptions.with(CrossEncoderFunctionOptions.DEVICE, "gpu3"), 1).devices())
        .containsExactly("gpu3");
  }

  @Test
  void theResourceMayHaveAnotherName() throws Exception {
    assertThat(
            resources(
                    TestOptions.with(CrossEncoderFunctionOptions.DEVICE_RESOURCE, "fpga"),
                    1,
                    gpu("0"))
                .devices())
        .containsExactly("cpu");
  }

  @Test
  void aResourceWithoutAnIndexIsRefused() {
    assertThatThrownBy(
            () -> resources(TestOptions.of("demo-qa"), 1, new FakeResource(Map.of("uuid", "a"))))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "Invalid cross-encoder.device-resource: gpu. One of its devices has the index (none),"
                + " but a number is needed to select the GPU. Name a resource whose driver sets the property"
                + " index, as Flink's GPU driver does, or set cross-encoder.device.");
  }

  @Test
  void aResourceWhoseIndexIsNoNumberIsRefused() {
    assertThatThrownBy(() -> resources(TestOptions.of("demo-qa"), 1, gpu("first")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("cross-encoder.device-resource: gpu", "index first");
  }

  @Test
  void theCoresAreSharedOutAmongTheSlots() throws Exception {
    assertThat(resources(TestOptions.of("demo-qa"), 1).cpuThreads()).isEqualTo(CORES);
    assertThat(resources(TestOptions.of("demo-qa"), 2).cpuThreads())
        .isEqualTo(Math.max(1, CORES / 2));
    assertThat(resources(TestOptions.of("demo-qa"), 10 * CORES).cpuThreads()).isEqualTo(1);
  }

  @Test
  void theThreadsMayBeTold() throws Exception {
    assertThat(
            resources(TestOptions.with(CrossEncoderFunctionOptions.CPU_THREADS, 7), 2).cpuThreads())
        .isEqualTo(7);
  }

  private static SlotResources resources(
      Configuration options, int slots, ExternalResourceInfo... gpus) throws Exception {
    Configuration taskManager = new Configuration();
    taskManager.set(TaskManagerOptions.NUM_TASK_SLOTS, slots);
    MockEnvironment environment =
        MockEnvironment.builder()
            .setTaskManagerRuntimeInfo(new TestingTaskManagerRuntimeInfo(taskManager))
            .setExternalResourceInfoProvider(name -> name.equals("gpu") ? Set.of(gpus) : Set.of())
            .build();
    try {
      return SlotResources.of(
          TaskEnvironment.of(new MockStreamingRuntimeContext(1, 0, environment)),
          DeviceConfig.from(options));
    } finally {
      environment.close();
    }
  }

  private static ExternalResourceInfo gpu(String index) {
    return new FakeResource(Map.of("index", index));
  }

  private record FakeResource(Map<String, String> properties) implements ExternalResourceInfo {
    @Override
    public Optional<String> getProperty(String key) {
      return Optional.ofNullable(properties.get(key));
    }

    @Override
    public Collection<String> getKeys() {
      return properties.keySet();
    }
  }
}
