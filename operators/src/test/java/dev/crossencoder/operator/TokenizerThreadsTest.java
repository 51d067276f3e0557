package dev.crossencoder.operator;

import static dev.crossencoder.operator.Pipelines.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.Evidence;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.scoring.PairScoring;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A service with several tokenizer threads. */
@Timeout(120)
class TokenizerThreadsTest {
  private static final int TOKENIZERS = 4;

  private final List<FakeDevice> devices = new ArrayList<>();
  private final Random random = new Random(19);

  @AfterEach
  void endThreads() {
    devices.forEach(FakeDevice::close);
  }

  private FakeDevice device(long cacheBytes) {
    FakeDevice device = new FakeDevice(cacheBytes, TOKENIZERS);
    devices.add(device);
    return device;
  }

  private static List<Lane> lanes() {
    return Stream.generate(TestPairs::lane).limit(6).toList();
  }

  private int[] lengths(int bound) {
    return random.ints(1 + random.nextInt(40), 1, bound).toArray();
  }

  private static List<Float> floats(int[] lengths) {
    return Arrays.stream(lengths).mapToObj(length -> (float) length).toList();
  }

  @Test
  void theyWorkSideBySide() throws Exception {
    FakeDevice device = device(0);
    CountDownLatch all = new CountDownLatch(TOKENIZERS);
    device
        .model()
        .withTokenizer(
            pair -> {
              all.countDown();
              FakeScoringModel.awaitUninterruptibly(all);
              return FakeScoringModel.tokens(pair);
            });
    FakeListener listener = new FakeListener();

    device.service().submit(TestPairs.record(listener, 4, 3, 2, 1));

    assertThat(listener.outcome()).isEqualTo(List.of(4f, 3f, 2f, 1f));
  }

  @Test
  void eachRecordOfManyOperatorsGetsItsScores() throws Exception {
    scoresAreRight(device(0), 200);
  }

  @Test
  void eachRecordGetsItsScoresFromACacheAndFromPairsInFlight() throws Exception {
    scoresAreRight(device(1 << 20), 12);
  }

  /** Scores records of pairs whose lengths are below a bound, and abandons one of five. */
  private void scoresAreRight(FakeDevice device, int bound) throws Exception {
    List<Lane> lanes = lanes();
    device.service().ensureWorkers(3);
    List<int[]> asked = new ArrayList<>();
    List<FakeListener> heard = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      int[] lengths = lengths(bound);
      FakeListener listener = new FakeListener();
      PendingRecord record = TestPairs.record(lanes.get(i % lanes.size()), listener, lengths);
      device.service().submit(record);
      if (random.nextInt(5) == 0) {
        record.abandon();
      } else {
        asked.add(lengths);
        heard.add(listener);
      }
    }

    for (int i = 0; i < asked.size(); i++) {
      assertThat(heard.get(i).outcome()).isEqualTo(floats(asked.get(i)));
    }
    device.awaitWaiting(0, 0);
    assertThat(lanes).allMatch(lane -> lane.tokenizing == 0);
  }

  @Test
  void onePairAloneOrManyMakesTheBoundOnWhatIsAhead() throws Exception {
    FakeDevice device = device(0);
    int ahead = 2 * FakeDevice.LIMITS.maxPairs();
    FakeListener listener = new FakeListener();
    int[] lengths = IntStream.generate(() -> 2).limit(100).toArray();
    device.hold();

    device.service().submit(TestPairs.record(listener, lengths));

    device.awaitWaiting(100 - ahead, ahead);
    awaitIdleTokenizers();
    device.awaitWaiting(100 - ahead, ahead);
    device.model().letGo();
    assertThat(listener.outcome()).isEqualTo(floats(lengths));
  }

  private static void awaitIdleTokenizers() {
    eventually()
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("cross-encoder-tokenizer"))
                    .allMatch(thread -> thread.getState() == Thread.State.WAITING));
  }

  @Test
  void aLongTextIsDividedByOneThreadAtATime() throws Exception {
    CrossEncoderOptions options =
        CrossEncoderOptions.DEFAULT.withChunking(Chunking.DEFAULT).withEvidence(Evidence.SENTENCE);
    List<TextPair> texts =
        IntStream.range(0, 24)
            .mapToObj(i -> new TextPair("how is bread " + i + " stored?", sentences(i)))
            .toList();
    FakeDevice device = device(0);
    device.service().ensureWorkers(2);
    try (CrossEncoder model =
        CrossEncoder.open(ModelRepository.shared().resolve("demo-qa"), options)) {
      device.model().withBegin(model::begin);
      List<Score> expected = texts.stream().map(pair -> alone(pair, model::begin)).toList();
      List<Lane> lanes = lanes();
      List<CompletableFuture<List<PairOutcome>>> heard = new ArrayList<>();
      for (int i = 0; i < texts.size(); i++) {
        CompletableFuture<List<PairOutcome>> outcome = new CompletableFuture<>();
        heard.add(outcome);
        device
            .service()
            .submit(
                new PendingRecord(
                    lanes.get(i % lanes.size()),
                    List.of(texts.get(i)),
                    new KeepingListener(outcome)));
      }

      for (int i = 0; i < texts.size(); i++) {
        List<PairOutcome> outcomes = heard.get(i).get(60, TimeUnit.SECONDS);
        assertThat(PairOutcome.scores(outcomes)).containsExactly(expected.get(i));
      }
    }
    device.awaitWaiting(0, 0);
  }

  private String sentences(int seed) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 20 + 15 * seed; i++) {
      text.append("Bread number ")
          .append(random.nextInt(1_000))
          .append(" is best stored in ")
          .append("a cool and dry ".repeat(random.nextInt(4)))
          .append("bag. ");
    }
    return text.toString();
  }

  /** The score of a pair whose parts are scored one by one. */
  private static Score alone(TextPair pair, Function<TextPair, PairScoring> begin) {
    PairScoring scoring = begin.apply(pair);
    while (scoring.hasNext()) {
      PairScoring.Part part = scoring.next();
      part.scored(FakeScoringModel.scoreOf(part.encoded().length()));
    }
    return scoring.result();
  }

  @Test
  void theModelIsFreedWhenTheLastOfThemHasEnded() throws Exception {
    FakeDevice device = device(0);
    CountDownLatch begun = new CountDownLatch(TOKENIZERS);
    CountDownLatch gate = new CountDownLatch(1);
    device
        .model()
        .withTokenizer(
            pair -> {
              begun.countDown();
              FakeScoringModel.awaitUninterruptibly(gate);
              assertThat(device.model().isClosed()).isFalse();
              return FakeScoringModel.tokens(pair);
            });
    FakeListener listener = new FakeListener();
    device.service().submit(TestPairs.record(listener, 1, 2, 3, 4, 5));
    begun.await();

    device.service().close(Duration.ofMillis(30));
    assertThat(device.model().isClosed()).isFalse();
    gate.countDown();

    eventually().untilAsserted(() -> assertThat(device.model().isClosed()).isTrue());
    assertThat(device.model().threads()).noneMatch(Thread::isAlive);
    assertThat(listener.calls()).isZero();
  }
}
