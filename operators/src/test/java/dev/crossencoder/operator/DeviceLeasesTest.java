package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceLeasesTest {
  private static final List<String> TWO = List.of("gpu0", "gpu1");

  private final DeviceLeases leases = new DeviceLeases();

  @Test
  void twoSlotsShareOutTwoDevices() {
    assertThat(leases.acquire("slot-a", TWO)).isEqualTo("gpu0");
    assertThat(leases.acquire("slot-b", TWO)).isEqualTo("gpu1");
  }

  @Test
  void aThirdSlotGetsTheLeastUsedDevice() {
    leases.acquire("slot-a", TWO);
    leases.acquire("slot-b", TWO);
    leases.acquire("slot-c", List.of("gpu0"));

    assertThat(leases.acquire("slot-d", TWO)).isEqualTo("gpu1");
  }

  @Test
  void operatorsOfOneSlotGetTheSameDevice() {
    leases.acquire("slot-a", TWO);

    assertThat(leases.acquire("slot-b", TWO)).isEqualTo("gpu1");
    assertThat(leases.acquire("slot-b", TWO)).isEqualTo("gpu1");
    assertThat(leases.acquire("slot-a", List.of("gpu1", "gpu0"))).isEqualTo("gpu0");
  }

  @Test
  void aSlotWithTwoOperatorsCountsOnce() {
    leases.acquire("slot-a", TWO);
    leases.acquire("slot-b", TWO);
    leases.acquire("slot-b", TWO);
    leases.acquire("slot-c", TWO);

    assertThat(leases.acquire("slot-d", TWO)).isEqualTo("gpu1");
  }

  @Test
  void anOperatorThatIsToldADeviceLeavesTheOthersOfItsSlotWhereTheyAre() {
    leases.acquire("slot-a", TWO);

    assertThat(leases.acquire("slot-a", List.of("cpu"))).isEqualTo("cpu");
    assertThat(leases.acquire("slot-b", TWO)).isEqualTo("gpu1");
    assertThat(leases.acquire("slot-a", TWO)).isEqualTo("gpu0");
  }

  @Test
  void aDeviceIsFreeWhenItsSlotLetsGoOfIt() {
    leases.acquire("slot-a", TWO);
    leases.acquire("slot-b", TWO);

    leases.release("slot-a", TWO);

    assertThat(leases.acquire("slot-c", TWO)).isEqualTo("gpu0");
  }

  @Test
  void aDeviceIsKeptWhileAnotherOperatorOfTheSlotUsesIt() {
    leases.acquire("slot-a", TWO);
    leases.acquire("slot-a", TWO);

    leases.release("slot-a", TWO);

    assertThat(leases.acquire("slot-b", TWO)).isEqualTo("gpu1");
  }
}
