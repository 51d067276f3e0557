package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.bundle.GoldenPairs;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.operator.change.LiveModels;
import dev.crossencoder.operator.change.ModelRevision;
import dev.crossencoder.operator.change.ModelTag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models that change while records arrive. The models are fakes, their bundles are real: a record
 * is the version of its tag and a length, which is its score.
 */
@Timeout(60)
class LiveModelsTest {
  private static final Duration KEPT_UNUSED_AND_MORE = Duration.ofSeconds(20);

  private final FakeLoader loader = new FakeLoader();

  /** The bundles of the cache, by the checkpoint folders from which they would be compiled. */
  private final Map<String, Path> compiled = new ConcurrentHashMap<>();

  private final ModelRegistry registry =
      new ModelRegistry(
          (model, precision) ->
              ModelRepository.shared()
                  .resolve(compiled.getOrDefault(model, Path.of(model)).toString()),
          loader);
  private final List<OneInputStreamOperatorTestHarness<?, ?>> open = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();

  /** Static, because selectors are serialized. */
  private static final Map<Long, ModelTag> TAGS = new TreeMap<>();

  @TempDir private Path folder;
  private Path first;
  private Path second;
  private Path third;

  @BeforeEach
  void makeBundles() throws IOException {
    TAGS.clear();
    first = bundle("first");
    second = bundle("second");
    third = bundle("third");
  }

  @AfterEach
  void closeOperators() throws Exception {
    loader.letLoadsGo();
    loader.letGo();
    for (OneInputStreamOperatorTestHarness<?, ?> harness : open) {
      harness.close();
    }
    await().untilAsserted(() -> assertThat(loader.models()).allMatch(FakeScoringModel::isClosed));
  }

  /** Makes a bundle of demo-qa's files with another name and therefore another digest. */
  private Path bundle(String name) throws IOException {
    Bundle original = ModelRepository.shared().resolve("demo-qa");
    Path made = Files.createDirectories(folder.resolve(name));
    for (String file : original.manifest().files().keySet()) {
      Files.copy(original.folder().resolve(file), made.resolve(file));
    }
    String manifest = Files.readString(original.folder().resolve(BundleManifest.FILE));
    Files.writeString(
        made.resolve(BundleManifest.FILE), manifest.replace("\"demo-qa\"", "\"" + name + "\""));
    return made;
  }

  private static ModelRevision revision(Path bundle) {
    return new ModelRevision(bundle.toString(), Bundle.read(bundle).digest(), bundle.toString());
  }

  private Configuration options() {
    Configuration options = new Configuration();
    options.set(CrossEncoderFunctionOptions.MODEL, first.toString());
    options.set(CrossEncoderFunctionOptions.MODEL_WAIT, Duration.ZERO);
    return options;
  }

  private OneInputStreamOperatorTestHarness<String, Scored<String>> open(
      boolean retags, OperatorSubtaskState... checkpoint) throws Exception {
    return PairHarness.open(
        element -> List.of(pair(element)),
        Routing.of(null, LiveModelsTest::tag, retags),
        OutputMode.ORDERED,
        options(),
        registry,
        new RecordedCounters(),
        open,
        failures,
        checkpoint);
  }

  private static TextPair pair(String element) {
    return FakeScoringModel.textOfLength(
        Integer.parseInt(element.substring(element.indexOf(' ') + 1)));
  }

  private static String tag(String element) {
    ModelTag tag = TAGS.get(Long.parseLong(element.substring(0, element.indexOf(' '))));
    return tag == null ? null : tag.text();
  }

  /** Makes the tag of the next version. */
  private ModelTag tagOf(long version, Path bundle) {
    ModelTag tag =
        new ModelTag(
            version,
            new TreeMap<>(Map.of("", new ModelTag.Entry(revision(bundle), first.toString()))));
    TAGS.put(version, tag);
    return tag;
  }

  private LiveModels.Task task(OneInputStreamOperatorTestHarness<?, ?> harness) {
    return LiveModels.SHARED.tasks(harness.getEnvironment().getJobID().toHexString()).get(0);
  }

  private static List<String> results(
      OneInputStreamOperatorTestHarness<?, Scored<String>> harness) {
    return harness.extractOutputValues().stream()
        .map(scored -> scored.element() + " " + scored.model())
        .toList();
  }

  @Test
  void aRecordIsScoredByTheRevisionOfItsTag() throws Exception {
    tagOf(1, second);
    tagOf(2, third);
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);

    for (String record : List.of("0 10", "1 20", "2 30", "1 40", "2 50")) {
      harness.processElement(record, 0L);
    }
    harness.endInput();

    assertThat(results(harness))
        .containsExactly("0 10 first", "1 20 second", "2 30 third", "1 40 second", "2 50 third");
    assertThat(harness.extractOutputValues())
        .extracting(Scored::revision, scored -> scored.scores().get(0).score())
        .contains(
            tuple(Bundle.read(second).digest(), 40f), tuple(Bundle.read(third).digest(), 50f));
    assertThat(failures).isEmpty();
  }

  @Test
  void aPreparedRevisionIsLoadedWhenItsFirstRecordComes() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);

    ModelRevision prepared =
        task(harness)
            .prepare("", ModelRevision.wanted(second.toString(), null))
            .get(10, TimeUnit.SECONDS);

    assertThat(prepared)
        .isEqualTo(
            new ModelRevision(
                second.toString(), Bundle.read(second).digest(), second.toRealPath().toString()));
    assertThat(loader.models()).hasSize(2);
    assertThat(loader.model(1).warmUps()).isOne();
    tagOf(1, second);
    harness.processElement("1 20", 0L);
    harness.endInput();
    assertThat(results(harness)).containsExactly("1 20 second");
    assertThat(loader.models()).hasSize(2);
  }

  @Test
  void recordsDoNotWaitForARevisionThatIsPrepared() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    loader.holdLoads();
    CompletableFuture<ModelRevision> prepared =
        task(harness).prepare("", ModelRevision.wanted(second.toString(), null));
    await().until(() -> loader.loads().size() == 2);

    harness.processElement("0 10", 0L);

    await().until(() -> loader.model(0).batches().size() == 1);
    assertThat(prepared).isNotDone();
    loader.letLoadsGo();
    assertThat(prepared.get(10, TimeUnit.SECONDS).model()).isEqualTo(second.toString());
  }

  @Test
  void aRevisionThatNoRecordNeedsIsGivenBack() throws Exception {
    loader.holding();
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    harness.processElement("0 10", 0L);
    loader.model(0).awaitForwardPass();

    var unused = task(harness).prepare("", ModelRevision.wanted(second.toString(), null));
    await().until(() -> loader.models().size() == 2);
    loader.model(1).letGo();
    task(harness).use(tagOf(1, second));
    TimeUnit.SECONDS.sleep(11);

    assertThat(loader.model(0).isClosed()).as("its record is in flight").isFalse();
    loader.model(0).letGo();
    await().atMost(KEPT_UNUSED_AND_MORE).until(() -> loader.model(0).isClosed());
    harness.processElement("1 20", 0L);
    harness.endInput();
    assertThat(results(harness)).containsExactly("0 10 first", "1 20 second");
    assertThat(loader.model(1).isClosed()).isFalse();
  }

  @Test
  void aLateRecordOfARevisionThatWasGivenBackIsScoredByIt() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    task(harness).use(tagOf(1, second));
    await().atMost(KEPT_UNUSED_AND_MORE).until(() -> loader.model(0).isClosed());

    harness.processElement("1 20", 0L);
    harness.processElement("0 10", 0L);
    harness.endInput();

    assertThat(results(harness)).containsExactly("1 20 second", "0 10 first");
  }

  @Test
  void aRevisionThatIsNotNeededAfterAllIsGivenBack() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    ModelRevision prepared =
        task(harness)
            .prepare("", ModelRevision.wanted(second.toString(), null))
            .get(10, TimeUnit.SECONDS);

    task(harness).discard("", prepared.digest());

    await().atMost(KEPT_UNUSED_AND_MORE).until(() -> loader.model(1).isClosed());
    assertThat(loader.model(0).isClosed()).isFalse();
  }

  private static void assertRefused(CompletableFuture<ModelRevision> prepared, String reason) {
    assertThatThrownBy(() -> prepared.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .hasMessageContaining(reason);
  }

  @Test
  void whatCannotBeUsedIsRefusedAndTheOldModelGoesOn() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    LiveModels.Task task = task(harness);

    assertRefused(
        task.prepare("", ModelRevision.wanted(folder.resolve("none").toString(), null)),
        "Cannot find the model " + folder.resolve("none"));
    assertRefused(
        task.prepare("", ModelRevision.wanted(second.toString(), Bundle.read(third).digest())),
        "has the digest " + Bundle.read(second).digest());
    assertRefused(
        task.prepare("other", ModelRevision.wanted(second.toString(), null)),
        "The job has no model of the name 'other'.");
    loader.failOnce(new IllegalStateException("No memory is left."));
    assertRefused(
        task.prepare("", ModelRevision.wanted(second.toString(), null)), "No memory is left.");
    Files.writeString(third.resolve(BundleManifest.FILE), "{");
    assertRefused(task.prepare("", ModelRevision.wanted(third.toString(), null)), "third");

    harness.processElement("0 10", 0L);
    harness.endInput();
    assertThat(results(harness)).containsExactly("0 10 first");
    assertThat(failures).isEmpty();
  }

  @Test
  void aRevisionMustGiveItsGoldenPairsTheirLogits() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    String line = "{\"query\":\"xxx\",\"passage\":\"\",\"cross_encoder\":{\"logits\":[%s]}}\n";
    Files.writeString(second.resolve(GoldenPairs.FILE), line.formatted("3.02"));
    Files.writeString(third.resolve(GoldenPairs.FILE), line.formatted("3.1"));

    task(harness)
        .prepare("", ModelRevision.wanted(second.toString(), null))
        .get(10, TimeUnit.SECONDS);

    assertRefused(
        task(harness).prepare("", ModelRevision.wanted(third.toString(), null)),
        "golden pair 1 of " + third.resolve(GoldenPairs.FILE) + " its logits [3.1], but [3.0]");
  }

  @Test
  void goldenPairsBesideACheckpointReplaceThoseOfItsBundleInTheCache() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    String line = "{\"query\":\"xxx\",\"passage\":\"\",\"cross_encoder\":{\"logits\":[%s]}}\n";
    Path mended = Files.createDirectory(folder.resolve("mended"));
    Path damaged = Files.createDirectory(folder.resolve("damaged"));
    compiled.put(mended.toString(), second);
    compiled.put(damaged.toString(), third);
    Files.writeString(mended.resolve(GoldenPairs.FILE), line.formatted("3"));
    Files.writeString(second.resolve(GoldenPairs.FILE), line.formatted("4"));
    Files.writeString(damaged.resolve(GoldenPairs.FILE), line.formatted("4"));
    Files.writeString(third.resolve(GoldenPairs.FILE), line.formatted("3"));

    task(harness)
        .prepare("", ModelRevision.wanted(mended.toString(), null))
        .get(10, TimeUnit.SECONDS);

    assertRefused(
        task(harness).prepare("", ModelRevision.wanted(damaged.toString(), null)),
        "golden pair 1 of " + damaged.resolve(GoldenPairs.FILE) + " its logits [4.0]");
  }

  /** Records in flight keep their revision; the model of the options is not needed any more. */
  @Test
  void aRestoredTaskBeginsWithTheRevisionInUse() throws Exception {
    loader.holding();
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    tagOf(1, second);
    tagOf(2, third);
    harness.processElement("1 10", 0L);
    harness.processElement("2 20", 0L);
    OperatorSubtaskState state = harness.snapshot(1, 1);
    loader.letGo();
    FakeLoader again = new FakeLoader();
    ModelRegistry other =
        new ModelRegistry((model, precision) -> ModelRepository.shared().resolve(model), again);
    Files.delete(first.resolve(BundleManifest.FILE));

    OneInputStreamOperatorTestHarness<String, Scored<String>> restored =
        PairHarness.open(
            element -> List.of(pair(element)),
            Routing.of(null, LiveModelsTest::tag, false),
            OutputMode.ORDERED,
            options(),
            other,
            new RecordedCounters(),
            open,
            failures,
            state);
    restored.processElement("2 30", 0L);
    restored.endInput();

    assertThat(results(restored)).containsExactly("1 10 second", "2 20 third", "2 30 third");
    assertThat(again.loads()).hasSize(2).first().asString().startsWith("third on");
  }

  @Test
  void aRevisionThatIsGoneAfterARestartIsNamed() throws Exception {
    OperatorSubtaskState state = stateWithARecordOfARevisionThatIsGone();

    assertThatThrownBy(() -> open(false, state))
        .hasStackTraceContaining("Records in flight are to be scored by the model " + second)
        .hasStackTraceContaining("which cannot be found any more");
  }

  @Test
  void aRecordOfARevisionThatIsGoneCanBeScoredByTheOneInUse() throws Exception {
    OperatorSubtaskState state = stateWithARecordOfARevisionThatIsGone();

    OneInputStreamOperatorTestHarness<String, Scored<String>> restored = open(true, state);
    restored.endInput();

    assertThat(results(restored)).containsExactly("1 10 third", "2 20 third");
  }

  /** The folder that the options name has another bundle since; no record has a later tag. */
  @Test
  void aModelThatWasReplacedWhereTheOptionsNameItScoresRecordsInFlight() throws Exception {
    loader.holding();
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    tagOf(1, first);
    harness.processElement("1 10", 0L);
    OperatorSubtaskState state = harness.snapshot(1, 1);
    loader.letGo();
    Files.copy(
        third.resolve(BundleManifest.FILE),
        first.resolve(BundleManifest.FILE),
        StandardCopyOption.REPLACE_EXISTING);

    OneInputStreamOperatorTestHarness<String, Scored<String>> restored =
        PairHarness.open(
            element -> List.of(pair(element)),
            Routing.of(null, LiveModelsTest::tag, false),
            OutputMode.ORDERED,
            options(),
            new ModelRegistry(
                (model, precision) -> ModelRepository.shared().resolve(model), new FakeLoader()),
            new RecordedCounters(),
            open,
            failures,
            state);
    restored.endInput();

    assertThat(results(restored)).containsExactly("1 10 third");
  }

  /** There is no later revision: the model of the options scores. */
  @Test
  void theLastRevisionCanBeGone() throws Exception {
    loader.holding();
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    harness.processElement("0 5", 0L);
    tagOf(1, second);
    harness.processElement("1 10", 0L);
    OperatorSubtaskState state = harness.snapshot(1, 1);
    loader.letGo();
    Files.delete(second.resolve(BundleManifest.FILE));

    OneInputStreamOperatorTestHarness<String, Scored<String>> restored = open(true, state);
    restored.endInput();

    assertThat(results(restored)).containsExactly("0 5 first", "1 10 first");
  }

  /** The folder has a model that cannot be used; the one in use is where it was. */
  @Test
  void aRestartGoesOnWithThePinnedModelAlthoughTheOptionsLeadToADamagedOne() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), second);
    first = link;
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    ModelRevision pinned =
        task(harness)
            .prepare("", ModelRevision.wanted(link.toString(), null))
            .get(10, TimeUnit.SECONDS);
    TAGS.put(
        1L,
        new ModelTag(1, new TreeMap<>(Map.of("", new ModelTag.Entry(pinned, link.toString())))));
    harness.processElement("1 10", 0L);
    harness.endInput();
    assertThat(loader.loads()).as("the pinned model is the one of the options").hasSize(1);
    OperatorSubtaskState state = harness.snapshot(1, 1);
    harness.close();
    open.clear();
    Files.writeString(third.resolve(BundleManifest.FILE), "{");
    Files.delete(link);
    Files.createSymbolicLink(link, third);

    OneInputStreamOperatorTestHarness<String, Scored<String>> restored = open(false, state);
    restored.processElement("1 20", 0L);
    restored.endInput();

    assertThat(results(restored)).containsExactly("1 20 second");
  }

  @Test
  void severalSourcesThatAskForTheSameShareTheWork() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    loader.holdLoads();
    ModelRevision wanted = ModelRevision.wanted(second.toString(), null);
    CompletableFuture<ModelRevision> one = task(harness).prepare("", wanted);

    assertThat(task(harness).prepare("", wanted)).isSameAs(one);

    loader.letLoadsGo();
    assertThat(one.get(10, TimeUnit.SECONDS).digest()).isEqualTo(Bundle.read(second).digest());
  }

  @Test
  void aPreparationEndsWithItsTask() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    loader.holdLoads();
    CompletableFuture<ModelRevision> prepared =
        task(harness).prepare("", ModelRevision.wanted(second.toString(), null));
    await().until(() -> loader.loads().size() == 2);

    harness.close();
    open.clear();

    assertThatThrownBy(() -> prepared.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(InterruptedException.class);
  }

  private OperatorSubtaskState stateWithARecordOfARevisionThatIsGone() throws Exception {
    loader.holding();
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    tagOf(1, second);
    tagOf(2, third);
    harness.processElement("1 10", 0L);
    harness.processElement("2 20", 0L);
    OperatorSubtaskState state = harness.snapshot(1, 1);
    loader.letGo();
    Files.delete(second.resolve(BundleManifest.FILE));
    return state;
  }

  /** New options count more than an earlier change. */
  @Test
  void anotherModelInTheOptionsReplacesTheRevisionInUse() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    tagOf(1, second);
    harness.processElement("1 10", 0L);
    harness.endInput();
    OperatorSubtaskState state = harness.snapshot(1, 1);
    first = third;

    OneInputStreamOperatorTestHarness<String, Scored<String>> restored = open(false, state);
    restored.processElement("0 30", 0L);
    restored.endInput();

    assertThat(results(restored)).containsExactly("0 30 third");
  }

  @Test
  void manyChangesLeaveNothingBehind() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    Random random = new Random(5);
    List<Path> bundles = List.of(first, second, third);
    int version = 0;
    for (int change = 0; change < 30; change++) {
      Path next = bundles.get(random.nextInt(3));
      task(harness)
          .prepare("", ModelRevision.wanted(next.toString(), null))
          .get(10, TimeUnit.SECONDS);
      version++;
      ModelTag tag = tagOf(version, next);
      harness.processElement((version - 1) + " 5", 0L);
      task(harness).use(tag);
      harness.processElement(version + " 5", 0L);
    }
    harness.endInput();

    assertThat(harness.extractOutputValues())
        .hasSize(60)
        .allSatisfy(
            scored ->
                assertThat(scored.revision())
                    .isEqualTo(expectedDigest(Long.parseLong(scored.element().split(" ", -1)[0]))));
    await()
        .atMost(KEPT_UNUSED_AND_MORE)
        .until(() -> loader.models().stream().filter(model -> !model.isClosed()).count() == 1);
  }

  /**
   * The coordinator goes on with the tag of before, in which the model of the options is pinned.
   */
  @Test
  void aRestoredTaskTakesThePinnedRevisionOfTheSameVersion() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(false);
    ModelTag pinned = tagOf(1, first);
    task(harness).use(pinned);
    harness.processElement("1 10", 0L);
    harness.endInput();
    OperatorSubtaskState state = harness.snapshot(1, 1);
    harness.close();
    open.clear();

    OneInputStreamOperatorTestHarness<String, Scored<String>> restored = open(false, state);
    task(restored).use(pinned);
    restored.processElement("1 20", 0L);
    TimeUnit.SECONDS.sleep(12);
    int loads = loader.loads().size();
    restored.processElement("1 30", 0L);
    restored.endInput();

    assertThat(loader.loads()).as("it is kept").hasSize(loads);
    assertThat(results(restored)).containsExactly("1 20 first", "1 30 first");
  }

  private String expectedDigest(long version) {
    return version == 0 ? Bundle.read(first).digest() : TAGS.get(version).revision("").digest();
  }
}
