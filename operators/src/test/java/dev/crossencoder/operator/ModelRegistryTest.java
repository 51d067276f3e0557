package dev.crossencoder.operator;

import static dev.crossencoder.operator.Pipelines.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.model.DeviceOutOfMemoryException;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

// In a thread of its own: one that waits for a lock cannot be interrupted.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ModelRegistryTest {
  private static final List<String> TWO = List.of("gpu0", "gpu1");
  private static final List<String> CPU = List.of("cpu");
  private static final int THREADS = 3;
  private static final ScoringConfig CONFIG = ScoringConfig.from(TestOptions.of("demo-qa"));

  private static Bundle bundle;
  private static Bundle other;

  private final FakeLoader loader = new FakeLoader();
  private final ModelRegistry registry =
      new ModelRegistry((model, precision) -> ModelRepository.shared().resolve(model), loader);
  private final List<ModelRegistry.Lease> open = new ArrayList<>();

  @BeforeAll
  static void compile() {
    bundle = ModelRepository.shared().resolve("demo-qa");
    other = ModelRepository.shared().resolve("demo-nli");
  }

  @AfterEach
  void closeLeases() {
    loader.letLoadsGo();
    open.forEach(ModelRegistry.Lease::close);
    eventually().untilAsserted(() -> assertThat(Pipelines.scoringThreads()).isEmpty());
    assertThat(loader.models()).allMatch(FakeScoringModel::isClosed);
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
  void theModelsOfASlotShareItsCores() throws Exception {
    loader.holding();
    ModelRegistry.Lease one = lease(bundle, CONFIG, "slot-a", CPU);
    ModelRegistry.Lease two = lease(other, CONFIG, "slot-a", CPU);
    int[] lengths = IntStream.generate(() -> 40).limit(100).toArray();
    List<FakeListener> heard = List.of(new FakeListener(), new FakeListener());

    one.service().submit(TestPairs.record(heard.get(0), lengths));
    two.service().submit(TestPairs.record(heard.get(1), lengths));

    eventually().until(() -> coresInUse() >= THREADS);
    eventually().until(() -> one.service().describe().contains("0 pairs wait to be tokenized"));
    assertThat(coresInUse()).isEqualTo(THREADS);
    loader.letGo();
    for (FakeListener listener : heard) {
      assertThat((List<?>) listener.outcome()).hasSize(lengths.length);
    }
  }

  private int coresInUse() {
    return loader.models().stream()
        .flatMap(model -> model.passThreads().stream())
        .mapToInt(Integer::intValue)
        .sum();
  }

  @Test
  void optionsThatChangeScoresBatchesOrWhatIsAllowedAreAnotherModel() {
    Configuration softmax = TestOptions.withText(CrossEncoderFunctionOptions.ACTIVATION, "softmax");
    List<Configuration> different =
        List.of(
            softmax,
            TestOptions.with(CrossEncoderFunctionOptions.MAX_LENGTH, 128),
            TestOptions.withText(CrossEncoderFunctionOptions.TRUNCATION, "only_second"),
            TestOptions.with(CrossEncoderFunctionOptions.PROMPT, "find: "),
            TestOptions.with(CrossEncoderFunctionOptions.PROMPT, ""),
            TestOptions.with(CrossEncoderFunctionOptions.PROMPT_NAME, "query"),
            TestOptions.with(CrossEncoderFunctionOptions.BATCH_MAX_PAIRS, 8),
            TestOptions.with(CrossEncoderFunctionOptions.BATCH_MAX_TOKENS, 512),
            TestOptions.with(CrossEncoderFunctionOptions.BATCH_LINGER, Duration.ofMillis(5)),
            TestOptions.with(CrossEncoderFunctionOptions.ALLOW_SLOW, true));
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
    assertThat(loader.models()).hasSize(1);
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

  @Test
  void aSlowLoadKeepsNobodyFromUsingAndLettingGoOfAnotherModel() throws Exception {
    ModelRegistry.Lease used = lease(bundle, CONFIG, "slot-a", CPU);
    loader.holdLoads();
    FutureTask<ModelRegistry.Lease> slow = startLeasing(other, "slot-b");

    lease(bundle, CONFIG, "slot-c", CPU);
    close(used);

    assertThat(slow).isNotDone();
    loader.letLoadsGo();
    open.add(result(slow));
  }

  @Test
  void tasksThatWaitForOneModelShareItsLoad() throws Exception {
    loader.holdLoads();
    FutureTask<ModelRegistry.Lease> one = startLeasing(bundle, "slot-a");
    FutureTask<ModelRegistry.Lease> other = startLeasing(bundle, "slot-b");

    loader.letLoadsGo();

    open.add(result(one));
    open.add(result(other));
    assertThat(result(one).service()).isSameAs(result(other).service());
    assertThat(scorers(result(one))).isEqualTo(2 * THREADS);
    assertThat(loader.loads()).hasSize(1);
  }

  @Test
  void allWhoWaitForALoadHearThatItFailedAndTheNextTriesAgain() throws Exception {
    loader.holdLoads();
    loader.failOnce(new InvalidModelException("Cannot load it."));
    FutureTask<ModelRegistry.Lease> one = startLeasing(bundle, "slot-a");
    FutureTask<ModelRegistry.Lease> other = startLeasing(bundle, "slot-b");

    loader.letLoadsGo();

    assertThatThrownBy(() -> result(one)).hasRootCauseMessage("Cannot load it.");
    assertThatThrownBy(() -> result(other)).hasRootCauseMessage("Cannot load it.");
    lease(bundle, CONFIG, "slot-c", CPU);
    assertThat(loader.loads()).hasSize(2);
  }

  @Test
  void aTaskThatIsCancelledWhileAModelIsLoadedLeavesAtOnceAndTheModelIsFreed() throws Exception {
    loader.holdLoads();
    Leasing cancelled = new Leasing(bundle, "slot-a", TWO);

    cancelled.thread.interrupt();

    assertThatThrownBy(() -> result(cancelled.task)).hasCauseInstanceOf(InterruptedException.class);
    assertThat(loader.models()).isEmpty();
    loader.letLoadsGo();
    eventually().untilAsserted(() -> assertThat(Pipelines.scoringThreads()).isEmpty());
    assertThat(loader.model(0).isClosed()).isTrue();
    assertThat(lease(bundle, CONFIG, "slot-b", TWO).device()).isEqualTo("gpu0");
    assertThat(loader.models()).hasSize(2);
  }

  @Test
  void aModelWhoseTaskWasCancelledIsUsedByOneThatComesWhileItIsLoaded() throws Exception {
    loader.holdLoads();
    Leasing cancelled = new Leasing(bundle, "slot-a", TWO);
    cancelled.thread.interrupt();
    assertThatThrownBy(() -> result(cancelled.task)).hasCauseInstanceOf(InterruptedException.class);
    Leasing next = new Leasing(bundle, "slot-b", TWO);

    loader.letLoadsGo();

    open.add(result(next.task));
    assertThat(loader.loads()).hasSize(1);
    assertThat(loader.model(0).isClosed()).isFalse();
  }

  @Test
  void aTaskThatIsCancelledLeavesTheLoadToThoseWhoStillWait() throws Exception {
    loader.holdLoads();
    Leasing cancelled = new Leasing(bundle, "slot-a", CPU);
    FutureTask<ModelRegistry.Lease> waiting = startLeasing(bundle, "slot-b");
    cancelled.thread.interrupt();
    assertThatThrownBy(() -> result(cancelled.task)).hasCauseInstanceOf(InterruptedException.class);

    loader.letLoadsGo();

    open.add(result(waiting));
    assertThat(scorers(result(waiting))).isEqualTo(THREADS);
    assertThat(loader.loads()).hasSize(1);
  }

  @Test
  void aDevicesNextModelIsLoadedWhenTheLastOneIsFreed() throws Exception {
    CountDownLatch freeing = new CountDownLatch(1);
    loader.closeWith(() -> FakeScoringModel.awaitUninterruptibly(freeing));
    ModelRegistry.Lease last = lease(bundle, CONFIG, "slot-a", CPU);
    open.remove(last);
    Thread closer = new Thread(last::close, "closer");
    closer.start();
    eventually().until(() -> closer.getState() == Thread.State.WAITING);

    FutureTask<ModelRegistry.Lease> next = startLeasing(other, "slot-b");
    eventually()
        .until(() -> stateOf("cross-encoder-loader demo-nli on cpu") == Thread.State.TIMED_WAITING);

    assertThat(loader.loads()).hasSize(1);
    freeing.countDown();
    open.add(result(next));
    closer.join();
    assertThat(loader.loads()).hasSize(2);
  }

  @Test
  void aModelThatCannotBeFreedDoesNotKeepTheNextFromBeingLoaded() {
    loader.closeWith(
        () -> {
          loader.closeWith(() -> {});
          throw new IllegalStateException("Cannot free it.");
        });
    ModelRegistry.Lease last = lease(bundle, CONFIG, "slot-a", CPU);
    loader.closeWith(() -> {});
    assertThatThrownBy(() -> close(last)).hasMessage("Cannot free it.");

    lease(bundle, CONFIG, "slot-a", CPU);

    assertThat(loader.loads()).hasSize(2);
    loader.model(0).withClosing(() -> {}).close();
  }

  private static Thread.State stateOf(String thread) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(running -> running.getName().equals(thread))
        .map(Thread::getState)
        .findFirst()
        .orElse(Thread.State.NEW);
  }

  /** Starts a thread that leases a model, and returns when it waits for it. */
  private FutureTask<ModelRegistry.Lease> startLeasing(Bundle leased, String slot) {
    return new Leasing(leased, slot, CPU).task;
  }

  private static ModelRegistry.Lease result(FutureTask<ModelRegistry.Lease> task) throws Exception {
    return task.get(20, TimeUnit.SECONDS);
  }

  /** A thread that leases a model, and waits for it. */
  private final class Leasing {
    private final FutureTask<ModelRegistry.Lease> task;
    private final Thread thread;

    private Leasing(Bundle leased, String slot, List<String> devices) {
      task = new FutureTask<>(() -> registry.lease(leased, CONFIG, slot, devices, THREADS));
      thread = new Thread(task, "leasing");
      thread.start();
      eventually().until(() -> thread.getState() == Thread.State.WAITING);
    }
  }

  private ModelRegistry.Lease lease(
      Bundle leased, ScoringConfig config, String slot, List<String> devices) {
    try {
      ModelRegistry.Lease lease = registry.lease(leased, config, slot, devices, THREADS);
      open.add(lease);
      return lease;
    } catch (InterruptedException e) {
      throw new AssertionError("Nobody interrupts this thread", e);
    }
  }

  private void close(ModelRegistry.Lease lease) {
    open.remove(lease);
    lease.close();
  }

  private static int scorers(ModelRegistry.Lease lease) {
    return lease.service().describe().split("cross-encoder-scorer-", -1).length - 1;
  }
}
