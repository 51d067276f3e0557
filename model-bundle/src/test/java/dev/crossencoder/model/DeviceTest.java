package dev.crossencoder.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
  @Test
  void onlyTheCpuIsTheCpu() {
    assertThat(new Device("cpu").isCpu()).isTrue();
    assertThat(new Device("gpu0").isCpu()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "cuda", "cuda:0", "gpu", "gpu-1", "gpu0 ", "GPU0", "gpu1000"})
  void anotherNameIsRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Device(name))
        .withMessage(
            "Invalid device: %s. It must be cpu, or gpu and a number, such as gpu0.", name);
  }

  @Test
  void theLimitsOfABatchDependOnTheDevice() {
    assertThat(BatchLimits.defaultsOf(Device.CPU)).isEqualTo(BatchLimits.DEFAULT);
    assertThat(BatchLimits.defaultsOf(new Device("gpu1"))).isEqualTo(BatchLimits.GPU_DEFAULT);
  }
}
