package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.bundle.Bundle;
import dev.crossencoder.bundle.DeviceOutOfMemoryException;
import dev.crossencoder.bundle.InvalidModelException;
import dev.crossencoder.bundle.ModelRepository;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ModelRegistryTest {
  private static final List<String> TWO = List.of("gpu0", "gpu1");
  private static final List<String> CPU = List.of("cpu");
  private static final int THREADS = 3;
  private static final ScoringConfig CONFIG = ScoringConfig.from(TestOptions.of("demo-qa"));

  private static Bundle bundle;
  private static Bundle other;

  private final FakeLoader loader = new FakeLoader();
  private final ModelRegistry registry = new ModelRegistry(loader);
  private final List<ModelRegistry.Lease> open = new ArrayList<>();

  @BeforeAll
  static void compile() {
    bundle = ModelRepository.shared().resolve("demo-qa");
    other = ModelRepository.shared().resolve("demo-nli");
  }

  @AfterEach
  void closeLeases() {
    open.forEach(ModelRegistry.Lease::close);
  }

  @Test
  void twoSlotsLoadOneModelOnEachOfTwoDevices() {
    ModelRegistry.Lease one = lease(bundle, CONFIG, "slot-a", TWO);
    ModelRegistry.Lease two = lease(bundle, CONFIG, "slot-b", TWO);

    assertThat(one.device()).isEqualTo("gpu0");
    assertThat(two.device()).isEqualTo("gpu1");
    assertThat(loader.loads())
        .containsExactly("demo-qa on gpu0 with 3 threads", "demo-qa on gpu1 with 3 threads");
  }

  @Test
  void aThirdSlotSharesTheModelOfItsDevice() {
    ModelRegistry.Lease one = lease(bundle, CONFIG, "slot-a", TWO);
    lease(bundle, CONFIG, "slot-b", TWO);

    ModelRegistry.Lease three = lease(bundle, CONFIG, "slot-c", TWO);

    assertThat(three.service()).isSameAs(one.service());
    assertThat(loader.loads()).hasSize(2);
  }

  @Test
  void operatorsOfOneSlotShareModelAndDevice() {
    ModelRegistry.Lease one = lease(bundle, CONFIG, "slot-a", TWO);

    ModelRegistry.Lease two = lease(bundle, CONFIG, "slot-a", TWO);

    assertThat(two.service()).isSameAs(one.service());
    assertThat(two.device()).isEqualTo(one.device());
    assertThat(two.loadMillis()).isEqualTo(one.loadMillis());
    assertThat(loader.loads()).hasSize(1);
  }

  @Test
  void theLastToLetGoFreesTheModel() {
    ModelRegistry.Lease one = lease(bundle, CONFIG, "slot-a", CPU);
    ModelRegistry.Lease two = lease(bundle, CONFIG, "slot-b", CPU);

    close(one);
    assertThat(loader.model(0).isClosed()).isFalse();

    close(two);
    assertThat(loader.model(0).isClosed()).isTrue();
  }

  @Test
  void aModelThatWasFreedIsLoadedAgain() {
    close(lease(bundle, CONFIG, "slot-a", CPU));

    lease(bundle, CONFIG, "slot-a", CPU);

    assertThat(loader.loads()).hasSize(2);
    assertThat(loader.model(1).isClosed()).isFalse();
  }

  @Test
  void anotherBundleIsAnotherModel() {
    lease(bundle, CONFIG, "slot-a", CPU);
    lease(other, CONFIG, "slot-a", CPU);

    assertThat(loader.loads())
        .containsExactly("demo-qa on cpu with 3 threads", "demo-nli on cpu with 3 threads");
  }

  @Test
  void optionsThatChangeScoresOrBatchesAreAnotherModel() {
    Configuration softmax = TestOptions.withText(CrossEncoderFunctionOptions.ACTIVATION, "softmax");
    List<Configuration> different =
        List.of(
            softmax,
            TestOptions.with(CrossEncoderFunctionOptions.MAX_LENGTH, 128),
            TestOptions.with(CrossEncoderFunctionOptions.BATCH_MAX_PAIRS, 8),
            TestOptions.with(CrossEncoderFunctionOptions.BATCH_MAX_TOKENS, 512),
            TestOptions.with(CrossEncoderFunctionOptions.BATCH_LINGER, Duration.ofMillis(5)));
    lease(bundle, CONFIG, "slot-a", CPU);

    different.forEach(options -> lease(bundle, ScoringConfig.from(options), "slot-a", CPU));

    assertThat(loader.loads()).hasSize(1 + different.size());
  }

  @Test
  void optionsThatConcernTheOperatorOnlyShareTheModel() {
    Configuration options = TestOptions.with(CrossEncoderFunctionOptions.CAPACITY, 512);
    options.set(CrossEncoderFunctionOptions.TIMEOUT, Duration.ofHours(1));
    lease(bundle, CONFIG, "slot-a", CPU);

    lease(bundle, ScoringConfig.from(options), "slot-a", CPU);

    assertThat(loader.loads()).hasSize(1);
  }

  @Test
  void onACpuEachSlotHasAScoringThreadForEachOfItsCores() {
    lease(bundle, CONFIG, "slot-a", CPU);
    lease(bundle, CONFIG, "slot-a", CPU);
    ModelRegistry.Lease lease = lease(bundle, CONFIG, "slot-b", CPU);

    assertThat(scorers(lease)).isEqualTo(2 * THREADS);
  }

  @Test
  void onAGpuAllSlotsShareOneScoringThread() {
    lease(bundle, CONFIG, "slot-a", List.of("gpu0"));
    lease(bundle, CONFIG, "slot-a", List.of("gpu0"));
    ModelRegistry.Lease lease = lease(bundle, CONFIG, "slot-b", List.of("gpu0"));

    assertThat(scorers(lease)).isEqualTo(1);
  }

  @Test
  void slotsThatComeAndGoDoNotAddScoringThreadsForEver() {
    ModelRegistry.Lease lease = lease(bundle, CONFIG, "slot-of-a-long-job", CPU);

    for (int restart = 0; restart < 5; restart++) {
      close(lease(bundle, CONFIG, "slot-of-restart-" + restart, CPU));
    }

    assertThat(scorers(lease)).isEqualTo(2 * THREADS);
  }

  @Test
  void aModelThatCannotBeLoadedGivesItsDeviceBack() {
    loader.failOnce(new InvalidModelException("Cannot load it."));

    assertThatThrownBy(() -> lease(bundle, CONFIG, "slot-a", TWO))
        .isInstanceOf(InvalidModelException.class)
        .hasMessage("Cannot load it.");

    assertThat(lease(bundle, CONFIG, "slot-b", TWO).device()).isEqualTo("gpu0");
    assertThat(loader.loads()).hasSize(1);
  }

  @Test
  void aModelIsWarmOnceWhenItsFirstLeaseIsGiven() {
    lease(bundle, CONFIG, "slot-a", TWO);
    assertThat(loader.model(0).warmUps()).isEqualTo(1);

    lease(bundle, CONFIG, "slot-a", TWO);
    lease(bundle, CONFIG, "slot-b", TWO);

    assertThat(loader.model(0).warmUps()).isEqualTo(1);
    assertThat(loader.model(1).warmUps()).isEqualTo(1);
  }

  @Test
  void aModelWhoseLargestBatchesDoNotFitIsUsedAllTheSame() {
    loader.warmUpWith(
        () -> {
          throw new DeviceOutOfMemoryException("Cannot score 256 pairs.", null);
        });

    ModelRegistry.Lease lease = lease(bundle, CONFIG, "slot-a", TWO);

    assertThat(scorers(lease)).isEqualTo(1);
    assertThat(loader.model(0).isClosed()).isFalse();
  }

  @Test
  void aModelThatCannotScoreIsFreedAndGivesItsDeviceBack() {
    loader.warmUpWith(
        () -> {
          throw new IllegalStateException("Cannot compute.");
        });

    assertThatThrownBy(() -> lease(bundle, CONFIG, "slot-a", TWO))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot compute.");

    assertThat(loader.model(0).isClosed()).isTrue();
    loader.warmUpWith(() -> {});
    assertThat(lease(bundle, CONFIG, "slot-b", TWO).device()).isEqualTo("gpu0");
  }

  private ModelRegistry.Lease lease(
      Bundle leased, ScoringConfig config, String slot, List<String> devices) {
    ModelRegistry.Lease lease = registry.lease(leased, config, slot, devices, THREADS);
    open.add(lease);
    return lease;
  }

  private void close(ModelRegistry.Lease lease) {
    open.remove(lease);
    lease.close();
  }

  private static int scorers(ModelRegistry.Lease lease) {
    return lease.service().describe().split("cross-encoder-scorer-", -1).length - 1;
  }
}
