package dev.crossencoder.model.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelNotFoundException;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.GoldenPairs;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.hub.DownloadListener;
import dev.crossencoder.model.hub.FakeHub;
import dev.crossencoder.model.hub.HubException;
import dev.crossencoder.model.hub.HubSettings;
import dev.crossencoder.model.hub.ModelHub;
import dev.crossencoder.model.io.Folders;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.PaddedProgram;
import dev.crossencoder.model.testing.ParityCheckpoint;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model is named as on the hub, and scores. */
class HubModelsTest {
  private static final String NAME = "cross-encoder/tiny";
  private static final TextPair PAIR = new TextPair("who wrote it?", "the book was by it.");

  @TempDir private Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private FakeHub server;
  private FakeHub.Repository remote;
  private Path checkpoint;
  private Path cache;

  @BeforeEach
  void putACheckpointOnTheHub() throws IOException {
    TinyCheckpoint tiny = TinyCheckpoint.create();
    tiny.tokenizerConfig.put("model_max_length", 20);
    checkpoint = tiny.writeTo(folder.resolve("tiny"));
    server = FakeHub.start();
    remote = server.repository(NAME);
    try (Stream<Path> files = Files.list(checkpoint)) {
      for (Path file : files.toList()) {
        remote.file(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    cache = folder.resolve("bundles");
    environment.put("HF_ENDPOINT", server.address().toString());
    environment.put("HF_HOME", folder.resolve("hf").toString());
  }

  @AfterEach
  void stopTheHub() {
    server.close();
  }

  private ModelRepository repository() {
    return new ModelRepository(
        cache, new ModelHub(HubSettings.fromEnvironment(environment, folder)));
  }

  private static double score(Bundle bundle) {
    try (CrossEncoder model = CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT)) {
      return model.score(PAIR).score();
    }
  }

  @Test
  void aModelOfTheHubScoresAsItsCheckpointDoes() {
    Bundle bundle = repository().resolve(NAME);

    bundle.verify();
    assertThat(bundle.manifest().name()).isEqualTo(NAME);
    assertThat(bundle.manifest().source()).isEqualTo(server.address() + "/" + NAME);
    assertThat(bundle.manifest().revision()).isEqualTo(remote.commit);
    assertThat(bundle.folder().getFileName().toString()).startsWith("cross-encoder--tiny-");
    assertThat(score(bundle)).isEqualTo(score(repository().resolve(checkpoint.toString())));
  }

  @Test
  void theGoldenPairsOfTheHubAreInTheBundle() {
    String line = "{\"query\":\"a\",\"passage\":\"b\",\"cross_encoder\":{\"logits\":[1]}}\n";
    remote.file(GoldenPairs.FILE, line.getBytes(StandardCharsets.UTF_8));

    assertThat(GoldenPairs.read(repository().resolve(NAME).folder()).orElseThrow().pairs())
        .containsExactly(new TextPair("a", "b"));
  }

  @Test
  void anOnnxFileOfTheHubIsBroughtWithTheFilesOfItsWeights() throws IOException {
    Path file = PaddedProgram.writeTo(folder.resolve("onnx").resolve("model.onnx"));
    remote.file("onnx/model_O3.onnx", Files.readAllBytes(file));
    remote.file(
        "onnx/" + PaddedProgram.DATA, Files.readAllBytes(file.resolveSibling(PaddedProgram.DATA)));

    Bundle bundle =
        repository()
            .onnxBuilder(NAME, "onnx/model_O3.onnx", DownloadListener.SILENT)
            .build(folder.resolve("bundle"));

    bundle.verify();
    assertThat(bundle.manifest().name()).isEqualTo(NAME);
    assertThat(bundle.manifest().revision()).isEqualTo(remote.commit);
    assertThat(bundle.manifest().files()).containsKey(PaddedProgram.DATA);
    assertThat(score(bundle)).isBetween(0.0, 1.0);

    environment.put("HF_HUB_OFFLINE", "1");
    assertThat(
            repository()
                .onnxBuilder(NAME, "onnx/model_O3.onnx", DownloadListener.SILENT)
                .build(folder.resolve("again"))
                .digest())
        .isEqualTo(bundle.digest());
  }

  @ParameterizedTest
  @ValueSource(strings = {"onnx/model_O9.onnx", "../model.onnx", "/etc/model.onnx"})
  void anOnnxFileThatTheHubDoesNotHaveIsRefused(String name) {
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> repository().onnxBuilder(NAME, name, DownloadListener.SILENT))
        .withMessageContaining(name);
  }

  @Test
  void aBundleThatIsThereNeedsNoFilesOfTheCheckpoint() throws IOException {
    Bundle bundle = repository().resolve(NAME);
    Folders.deleteIfExists(folder.resolve("hf"));
    int requests = server.hub.requests().size();

    assertThat(repository().resolve(NAME).folder()).isEqualTo(bundle.folder());
    assertThat(server.hub.requests()).hasSize(requests + 1);
  }

  @Test
  void aCommitInFullThatIsThereNeedsNoHub() {
    Bundle bundle = repository().resolve(NAME);
    server.close();

    assertThat(repository().resolve(NAME + "@" + remote.commit).folder())
        .isEqualTo(bundle.folder());
  }

  /** As another client leaves it that needs fewer files. */
  @Test
  void whatASnapshotLacksIsDownloadedAlsoForACommitInFull() throws IOException {
    String pinned = NAME + "@" + remote.commit;
    Bundle whole = repository().resolve(pinned);
    loseTheTokenizerConfig();
    cache = folder.resolve("other-bundles");

    assertThat(repository().resolve(pinned).digest()).isEqualTo(whole.digest());
  }

  @Test
  void aBundleOfWhatTheCacheHadIsNotTakenForTheWhole() throws IOException {
    String pinned = NAME + "@" + remote.commit;
    Bundle whole = repository().resolve(pinned);
    loseTheTokenizerConfig();
    cache = folder.resolve("other-bundles");
    environment.put("HF_HUB_OFFLINE", "1");
    Bundle offline = repository().resolve(pinned);
    environment.remove("HF_HUB_OFFLINE");

    assertThat(offline.manifest().maxLength()).isNotEqualTo(whole.manifest().maxLength());
    assertThat(repository().resolve(pinned).digest()).isEqualTo(whole.digest());
  }

  private void loseTheTokenizerConfig() throws IOException {
    Path snapshot =
        folder.resolve("hf/hub/models--cross-encoder--tiny/snapshots").resolve(remote.commit);
    Files.delete(snapshot.resolve("tokenizer_config.json"));
  }

  @Test
  void aNewCommitIsANewBundle() throws IOException {
    Bundle before = repository().resolve(NAME);
    Map<String, byte[]> files = remote.files;
    server.repository(NAME).files.putAll(files);

    Bundle after = repository().resolve(NAME);

    assertThat(after.folder()).isNotEqualTo(before.folder());
    assertThat(new BundleCache(cache).list()).hasSize(2);
  }

  @Test
  void aFolderOfThatNameIsUsedInsteadOfTheHub() {
    assertThat(repository().resolve(checkpoint.toString()).manifest().name()).isEqualTo("tiny");
    assertThat(server.hub.requests()).isEmpty();
  }

  @Test
  void theListenerHearsOfEveryFile() {
    List<String> files = new ArrayList<>();

    repository().resolve(NAME, (file, done, total) -> files.add(file));

    assertThat(files)
        .contains("config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt");
  }

  @Test
  void whatDoesNotHealIsAnInvalidModel() {
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> repository().resolve("cross-encoder/none"))
        .withMessageStartingWith("Cannot find the model cross-encoder/none on ")
        .withMessageEndingWith(" There is no folder of that name either.")
        .withCauseInstanceOf(HubException.class);
    remote.files.remove("model.safetensors");
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> repository().resolve(NAME))
        .withMessage(
            "Cannot use the repository cross-encoder/tiny as a model, it has neither model.safetensors nor model.safetensors.index.json.");
  }

  @Test
  void aNameOfTheCatalogThatWasMistypedIsSuggested() {
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> repository().resolve("cross-encoder/ms-marco-minilm-l6@main"))
        .withMessageContaining(" Did you mean cross-encoder/ms-marco-MiniLM-L6-v2");
    assertThatExceptionOfType(ModelNotFoundException.class)
        .isThrownBy(() -> repository().resolve("stsb-roberta-base"))
        .withMessageContaining(" Did you mean cross-encoder/stsb-roberta-base or ");
  }

  @Test
  void aBundleOfAnotherPrecisionIsBuiltFromTheHub() throws IOException {
    Bundle bundle =
        repository()
            .builder(NAME, DownloadListener.SILENT)
            .precision(Precision.BF16)
            .build(folder.resolve("half"));

    assertThat(bundle.manifest().name()).isEqualTo(NAME);
    assertThat(bundle.manifest().dtype()).isEqualTo("bfloat16");
    assertThat(bundle.manifest().revision()).isEqualTo(remote.commit);
  }

  /** Every file that such a checkpoint is made of is downloaded, and no other name is needed. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bert-old-names",
        "roberta",
        "electra",
        "distilbert",
        "deberta-v3",
        "modernbert",
        "modernbert-modules",
        "bart"
      })
  void everyArchitectureComesFromTheHub(String architecture) throws IOException {
    ParityCheckpoint parity = ParityCheckpoint.named(architecture);
    remote.files.clear();
    Path source = parity.copyTo(folder.resolve(architecture));
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        remote.file(source.relativize(file).toString(), Files.readAllBytes(file));
      }
    }

    Bundle bundle = repository().resolve(NAME);

    try (CrossEncoder model = CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT)) {
      assertThat(parity.largestDifference(model.score(ParityCheckpoint.pairs()))).isLessThan(1e-4);
    }
  }

  @Test
  void whereABranchLeadsNowIsNotAnsweredFromTheCache() {
    ModelRepository repository = repository();
    Bundle before = repository.resolveNow(NAME, Optional.empty());
    assertThat(repository.resolveNow(NAME, Optional.empty()).digest()).isEqualTo(before.digest());
    server.close();

    assertThat(repository.resolve(NAME).digest()).isEqualTo(before.digest());
    assertThatExceptionOfType(ModelUnavailableException.class)
        .isThrownBy(() -> repository.resolveNow(NAME, Optional.empty()))
        .withMessageContaining(NAME);
    environment.put("HF_HUB_OFFLINE", "1");
    assertThat(repository().resolveNow(NAME, Optional.empty()).digest()).isEqualTo(before.digest());
  }

  @Test
  void whatMayHealIsAModelThatIsUnavailable() {
    environment.put("HF_HUB_OFFLINE", "1");

    assertThatExceptionOfType(ModelUnavailableException.class)
        .isThrownBy(() -> repository().resolve(NAME))
        .isNotInstanceOf(ModelNotFoundException.class)
        .withMessageStartingWith("Cannot use the model cross-encoder/tiny, HF_HUB_OFFLINE is set");
  }

  @Test
  void whatTheCacheHoldsIsListedAndRemoved() throws IOException {
    Bundle bundle = repository().resolve(NAME);
    BundleCache bundles = new BundleCache(cache);

    CachedBundle cached = bundles.list().get(0);
    assertThat(cached.name()).isEqualTo(NAME);
    assertThat(cached.revision()).isEqualTo(remote.commit);
    assertThat(cached.bytes()).isGreaterThan(10_000);
    assertThat(cached.folder()).isEqualTo(bundle.folder());
    bundles.remove(cached);
    assertThat(bundles.list()).isEmpty();
    assertThat(bundle.folder()).doesNotExist();
  }

  @Test
  void onlyWhatIsInTheCacheIsRemovedFromIt() throws IOException {
    Bundle bundle = BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("elsewhere"));
    CachedBundle elsewhere = CachedBundle.of(bundle.folder());

    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> new BundleCache(cache).remove(elsewhere))
        .withMessage("Invalid bundle: %s. It must be one in %s.", bundle.folder(), cache);
    assertThat(bundle.folder()).exists();
  }
}
