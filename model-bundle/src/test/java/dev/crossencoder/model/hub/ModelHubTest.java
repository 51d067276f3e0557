package dev.crossencoder.model.hub;

import static dev.crossencoder.model.hub.HubFixture.MODEL;
import static dev.crossencoder.model.hub.HubFixture.NAME;
import static dev.crossencoder.model.hub.HubFixture.bytes;
import static dev.crossencoder.model.hub.HubFixture.names;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.hub.FakeServer.Reply;
import dev.crossencoder.model.hub.HubException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelHubTest {
  @TempDir private Path folder;
  private HubFixture fixture;
  private FakeHub server;
  private FakeHub.Repository repository;
  private Map<String, String> environment;
  private Path cache;

  @BeforeEach
  void startAHub() throws IOException {
    fixture = new HubFixture(folder);
    server = fixture.server;
    repository = fixture.repository;
    environment = fixture.environment;
    cache = fixture.cache;
  }

  @AfterEach
  void stopTheHub() {
    fixture.close();
  }

  @Test
  void theFilesOfACheckpointAndNoOthersAreDownloaded() throws IOException {
    HubSnapshot snapshot = fixture.download(MODEL);

    assertThat(snapshot.repository()).isEqualTo(NAME);
    assertThat(snapshot.commit()).isEqualTo(repository.commit);
    assertThat(names(snapshot.folder()))
        .containsExactly("config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt");
    for (String name : names(snapshot.folder())) {
      assertThat(snapshot.folder().resolve(name)).hasBinaryContent(repository.files.get(name));
    }
    assertThat(server.hub.lines().get(0))
        .isEqualTo("GET /api/models/cross-encoder/tiny/revision/main?blobs=true");
    assertThat(server.hub.lines()).noneMatch(line -> line.matches(".*(README|onnx|bin).*"));
  }

  @Test
  void aBranchThatHasNotMovedSendsNoListingAgain() throws IOException {
    ModelHub hub = fixture.hub();
    hub.resolve(MODEL);

    assertThat(hub.resolve(MODEL).commit()).isEqualTo(repository.commit);
    assertThat(hub.resolve(MODEL).listing()).isPresent();
    assertThat(server.hub.requests())
        .extracting(request -> request.headers().containsKey("if-none-match"))
        .containsExactly(false, true, true);

    FakeHub.Repository moved = server.repository(NAME).file("config.json", "{}");
    assertThat(hub.resolve(MODEL).commit()).isEqualTo(moved.commit);
  }

  @Test
  void theCacheHasTheLayoutOfThePythonClient() throws IOException {
    fixture.download(MODEL);

    Path model = cache.resolve("models--cross-encoder--tiny");
    byte[] weights = repository.files.get("model.safetensors");
    Path link = model.resolve("snapshots/" + repository.commit + "/model.safetensors");
    assertThat(model.resolve("refs/main")).hasContent(repository.commit);
    assertThat(Files.readSymbolicLink(link).toString())
        .isEqualTo("../../blobs/" + FakeHub.sha256(weights));
    assertThat(names(model.resolve("blobs")))
        .contains(FakeHub.sha256(weights), FakeHub.gitId(repository.files.get("config.json")))
        .noneMatch(name -> name.endsWith(".incomplete"));
  }

  @Test
  void whatIsThereIsNotDownloadedAgain() throws IOException {
    fixture.download(MODEL);
    int requests = server.hub.requests().size();

    fixture.download(MODEL);

    assertThat(server.hub.lines().subList(requests, server.hub.lines().size()))
        .containsExactly("GET /api/models/cross-encoder/tiny/revision/main?blobs=true");
  }

  @Test
  void aCommitInFullThatIsThereIsComparedWithTheListingAlone() throws IOException {
    fixture.download(MODEL);
    int requests = server.hub.requests().size();

    HubSnapshot snapshot = fixture.download(MODEL.at(repository.commit));

    assertThat(snapshot.folder()).isDirectory();
    assertThat(server.hub.lines().subList(requests, server.hub.lines().size()))
        .containsExactly(
            "GET /api/models/cross-encoder/tiny/revision/" + repository.commit + "?blobs=true");
  }

  @Test
  void aCommitInFullThatIsNotThereIsDownloaded() throws IOException {
    assertThat(fixture.download(MODEL.at(repository.commit)).folder().resolve("config.json"))
        .exists();
    assertThat(server.hub.lines().get(0)).contains("/revision/" + repository.commit + "?");
  }

  @Test
  void aRevisionWithASlashIsOneSegmentOfTheAddress() throws IOException {
    repository.revision("refs/pr/3");

    fixture.download(MODEL.at("refs/pr/3"));

    assertThat(server.hub.lines().get(0)).contains("/revision/refs%2Fpr%2F3?");
    assertThat(cache.resolve("models--cross-encoder--tiny/refs/refs/pr/3"))
        .hasContent(repository.commit);
  }

  @Test
  void theTokenGoesToTheEndpointAndNotToTheContentNetwork() throws IOException {
    environment.put("HF_TOKEN", "hf_secret");
    repository.privateTo("hf_secret");

    fixture.download(MODEL);

    assertThat(server.hub.sent("", "Authorization")).containsOnly("Bearer hf_secret");
    assertThat(server.network.requests()).hasSize(1);
    assertThat(server.network.sent("", "Authorization")).containsOnlyNulls();
  }

  @Test
  void onceAnotherOriginWasVisitedTheTokenIsGoneForGood() throws IOException {
    environment.put("HF_TOKEN", "hf_secret");
    server.network.next("/blobs/", Reply.of(302).with("Location", server.address() + "/came/back"));
    server.hub.next("/came/back", Reply.of(200).body(repository.files.get("model.safetensors")));

    fixture.download(MODEL);

    assertThat(server.hub.sent("/came/back", "Authorization")).containsOnlyNulls().hasSize(1);
  }

  @Test
  void anAddressWithoutASchemeLeadsToAnotherOriginToo() throws IOException {
    environment.put("HF_TOKEN", "hf_secret");
    byte[] config = repository.files.get("config.json");
    server.hub.next(
        "/resolve/",
        Reply.of(302)
            .with("Location", "//" + server.network.address().getAuthority() + "/elsewhere"));
    server.network.next("/elsewhere", Reply.of(200).body(config));

    assertThat(fixture.download(MODEL).folder().resolve("config.json")).hasBinaryContent(config);
    assertThat(server.network.sent("/elsewhere", "Authorization")).containsOnlyNulls().hasSize(1);
  }

  @Test
  void aRenamedRepositoryIsFollowedWithTheTokenAndKeepsTheNameThatWasAskedForInTheCache()
      throws IOException {
    environment.put("HF_TOKEN", "hf_secret");
    repository.privateTo("hf_secret");
    server.rename("cross-encoder/old-tiny", NAME);

    HubSnapshot snapshot = fixture.download(HubModelId.parse("cross-encoder/old-tiny"));

    assertThat(snapshot.repository()).isEqualTo(NAME);
    assertThat(snapshot.folder()).startsWith(cache.resolve("models--cross-encoder--old-tiny"));
    assertThat(server.hub.sent("", "Authorization")).containsOnly("Bearer hf_secret");
  }

  @Test
  void aRedirectLoopEnds() {
    server.hub.next("/api/", loop(20));

    assertThat(fixture.failure(MODEL))
        .returns(Kind.UNEXPECTED_ANSWER, HubException::kind)
        .hasMessageContaining("was redirected more than 10 times, last to");
  }

  private static Reply[] loop(int length) {
    return Stream.generate(() -> Reply.of(302).with("Location", "/api/models/a/b?c=secret"))
        .limit(length)
        .toArray(Reply[]::new);
  }

  @Test
  void aRedirectElsewhereThanToHttpIsRefused() {
    server.hub.next("/api/", Reply.of(302).with("Location", "file:///etc/passwd"));

    assertThat(fixture.failure(MODEL))
        .returns(Kind.UNEXPECTED_ANSWER, HubException::kind)
        .hasMessageContaining("was redirected to an address that is not plain http or https.");
  }

  /** Its Git ids are those of pointers then, also for large files that are no weights. */
  @Test
  void aListingThatDoesNotTellLargeFilesIsCompletedByTheFiles() throws IOException {
    repository.file("spm.model", HubFixture.bytes(30_000));
    server.tellsLargeFiles = false;

    HubSnapshot snapshot = fixture.download(HubFixture.MODEL);

    assertThat(snapshot.folder().resolve("spm.model"))
        .hasBinaryContent(repository.files.get("spm.model"));
    assertThat(fixture.blobs().resolve(FakeHub.sha256(HubFixture.bytes(30_000)))).exists();
  }

  /** Neither the tag of a redirect nor that of a content network is a digest of the content. */
  @Test
  void onlyTheEndpointsWordOnAContentCounts() throws IOException {
    server.tellsLargeFiles = false;
    server.linksContents = false;

    HubSnapshot snapshot = fixture.download(HubFixture.MODEL);

    assertThat(snapshot.folder().resolve(HubFixture.WEIGHTS)).hasBinaryContent(fixture.weights());
  }

  @Test
  void offlineNothingIsRequestedAndWhatIsThereIsUsed() throws IOException {
    fixture.download(MODEL);
    int requests = server.hub.requests().size();
    environment.put("HF_HUB_OFFLINE", "yes");

    assertThat(fixture.download(MODEL).commit()).isEqualTo(repository.commit);
    assertThat(server.hub.requests()).hasSize(requests);
  }

  @Test
  void offlineAModelThatIsNotThereSaysSo() {
    environment.put("HF_HUB_OFFLINE", "1");

    assertThat(fixture.failure(MODEL))
        .returns(Kind.OFFLINE, HubException::kind)
        .hasMessage(
            "Cannot use the model cross-encoder/tiny, HF_HUB_OFFLINE is set and the cache %s knows no revision main of it. Unset HF_HUB_OFFLINE, or copy the model into that cache, or name a checkpoint or bundle folder.",
            cache);
    assertThat(server.hub.requests()).isEmpty();
  }

  @Test
  void offlineASnapshotThatLacksFilesNamesThem() throws IOException {
    HubSnapshot snapshot = fixture.download(MODEL);
    Files.delete(snapshot.folder().resolve("model.safetensors"));
    environment.put("HF_HUB_OFFLINE", "TRUE");

    assertThat(fixture.failure(MODEL.at(repository.commit)))
        .returns(Kind.OFFLINE, HubException::kind)
        .hasMessageContaining("lacks model.safetensors of it");
  }

  @Test
  void aHubThatCannotBeReachedLeavesWhatIsInTheCache() throws IOException {
    fixture.download(MODEL);
    server.close();

    assertThat(fixture.download(MODEL).commit()).isEqualTo(repository.commit);
  }

  @Test
  void aModelThatTheHubNoLongerGivesIsStillInTheCache() throws IOException {
    fixture.download(MODEL);
    server.hub.next("/api/", Reply.of(401), Reply.of(404));

    assertThat(fixture.download(MODEL).commit()).isEqualTo(repository.commit);
    assertThat(fixture.download(MODEL).commit()).isEqualTo(repository.commit);
  }

  @Test
  void aListingThatBreaksOffIsAskedForAgain() throws IOException {
    server.hub.next(
        "/api/",
        Reply.of(200).body("{\"sha\": \"" + "0".repeat(100)).cutAfter(20),
        Reply.of(200).body("{\"sha\": \"").stallAfter(3));

    assertThat(fixture.download(MODEL).commit()).isEqualTo(repository.commit);
  }

  @Test
  void aHubThatCannotBeReachedIsAnErrorOtherwise() {
    server.close();

    assertThat(fixture.failure(MODEL))
        .returns(Kind.UNREACHABLE, HubException::kind)
        .hasMessage(
            "Cannot look up cross-encoder/tiny: the connection broke (ConnectException: Connection refused). Check the network, HTTPS_PROXY and HF_ENDPOINT (%s), or try again later; a checkpoint or bundle folder needs no network.",
            server.address());
    assertThat(fixture.waiter.waits()).hasSize(Retries.MAX_CONNECTION_RETRIES);
  }

  @Test
  void aMissingModelAndAPrivateOneAreTheSameWithoutAToken() {
    assertThat(fixture.failure(HubModelId.parse("cross-encoder/none")))
        .returns(Kind.NOT_FOUND, HubException::kind)
        .hasMessage(
            "Cannot find the model cross-encoder/none on %s (it says: Invalid username or password.). Either there is none of that name, or it is private and HF_TOKEN has to be set to a token that may read it.",
            server.address());
  }

  @Test
  void aTokenThatTheHubRefusesIsNamedByItsSourceAlone() throws IOException {
    Path file = Files.writeString(folder.resolve("my-token"), "hf_secret\n");
    environment.put("HF_TOKEN_PATH", file.toString());
    server.hub.next(
        "/api/",
        Reply.of(401)
            .with("X-Error-Message", "Invalid credentials in Authorization header: hf_secret"));

    assertThat(fixture.failure(MODEL))
        .returns(Kind.UNAUTHORIZED, HubException::kind)
        .hasMessage(
            "Cannot read the model cross-encoder/tiny, %s refuses the token from %s (it says: Invalid credentials in Authorization header: ***). Replace or remove that token.",
            server.address(), file);
  }

  @Test
  void aGatedModelSaysWhatToDo() {
    repository.gated();

    assertThat(fixture.failure(MODEL))
        .returns(Kind.GATED, HubException::kind)
        .hasMessage(
            "Cannot read the model cross-encoder/tiny, it is gated (it says: Access to model cross-encoder/tiny is restricted.). Accept its terms on %s/cross-encoder/tiny, and set HF_TOKEN to a token of that account.",
            server.address());
  }

  @Test
  void anUnknownRevisionSaysWhereTheKnownOnesAre() {
    assertThat(fixture.failure(MODEL.at("v9")))
        .returns(Kind.REVISION_NOT_FOUND, HubException::kind)
        .hasMessage(
            "Cannot find the revision v9 of the model cross-encoder/tiny (it says: Invalid rev id: v9). %s/cross-encoder/tiny/commits/main lists its branches, tags and commits.",
            server.address());
  }

  @Test
  void aRepositoryWithAPickleOnlyIsRefusedBeforeAnythingIsRead() {
    repository.files.remove("model.safetensors");

    assertThat(fixture.failure(MODEL))
        .returns(Kind.NO_WEIGHTS, HubException::kind)
        .hasMessageStartingWith(
            "Cannot use the repository cross-encoder/tiny as a model, its weights are a pickle (pytorch_model.bin), which can run code when it is read and is never read here; there is no model.safetensors. Convert it ");
    assertThat(server.hub.requests()).hasSize(1);
  }

  private static final String ADAPTER_MESSAGE =
      "Cannot use the repository cross-encoder/tiny as a model, it has a PEFT adapter (adapter_config.json), which is not applied here: its scores would be those of the model without it. Merge the adapter into the weights first, in Python: peft.AutoPeftModelForSequenceClassification.from_pretrained(\"cross-encoder/tiny\").merge_and_unload().save_pretrained(folder), and the tokenizer likewise; then name the folder.";

  @Test
  void anAdapterBesideWeightsIsRefusedBeforeAnythingIsRead() {
    repository.file("adapter_config.json", "{}");

    assertThat(fixture.failure(MODEL))
        .returns(Kind.ADAPTER, HubException::kind)
        .hasMessage(ADAPTER_MESSAGE);
    assertThat(server.hub.requests()).hasSize(1);
  }

  @Test
  void anAdapterAloneIsRefusedForWhatItIs() {
    repository.files.remove("model.safetensors");
    repository.files.remove("config.json");
    repository.file("adapter_model.safetensors", "weights");

    assertThat(fixture.failure(MODEL))
        .returns(Kind.ADAPTER, HubException::kind)
        .hasMessage(ADAPTER_MESSAGE);
  }

  @Test
  void anAdapterOnAMirrorThatListsNothingIsRefusedBeforeTheWeightsAreRead() {
    server.hub.next("/api/", Reply.of(200).body("{\"id\": \"cross-encoder/tiny\"}"));
    repository.file("adapter_config.json", "{}");

    assertThat(fixture.failure(MODEL)).returns(Kind.ADAPTER, HubException::kind);
    assertThat(server.network.requests()).isEmpty();
  }

  @Test
  void aRepositoryThatIsNoCheckpointIsRefused() {
    repository.files.remove("config.json");

    assertThat(fixture.failure(MODEL))
        .returns(Kind.INCOMPLETE, HubException::kind)
        .hasMessage(
            "Cannot use the repository cross-encoder/tiny as a model, it has no config.json.");
  }

  @Test
  void shardsAreDownloadedByTheirIndex() throws IOException {
    shard(
        "{\"a\": \"model-00001-of-00002.safetensors\", \"b\": \"model-00002-of-00002.safetensors\"}");

    assertThat(names(fixture.download(MODEL).folder()))
        .contains("model.safetensors.index.json", "model-00001-of-00002.safetensors")
        .contains("model-00002-of-00002.safetensors")
        .doesNotContain("unused.safetensors");
  }

  @Test
  void anIndexThatNamesAPathIsRefused() throws IOException {
    shard("{\"a\": \"../../../evil.safetensors\"}");

    assertThat(fixture.failure(MODEL))
        .returns(Kind.DAMAGED, HubException::kind)
        .hasMessage(
            "Cannot use model.safetensors.index.json of cross-encoder/tiny, it names the file \"../../../evil.safetensors\".");
  }

  private void shard(String weightMap) {
    repository.files.remove("model.safetensors");
    repository
        .file("model.safetensors.index.json", "{\"weight_map\": " + weightMap + "}")
        .file("model-00001-of-00002.safetensors", bytes(1000))
        .file("model-00002-of-00002.safetensors", bytes(2000))
        .file("unused.safetensors", bytes(3000));
  }

  private void modular(String modelType, String denseFolder) {
    repository
        .file("config_sentence_transformers.json", "{\"model_type\": \"%s\"}".formatted(modelType))
        .file(
            "modules.json",
            """
            [{"path": "", "type": "sentence_transformers.base.modules.transformer.Transformer"},
             {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
             {"path": "%s", "type": "sentence_transformers.base.modules.dense.Dense"},
             {"path": "3_Normalize", "type": "sentence_transformers.models.Normalize"}]
            """
                .formatted(denseFolder))
        .file("1_Pooling/config.json", "{\"pooling_mode\": \"cls\"}")
        .file("1_Pooling/README.md", "# Pooling")
        .file("2_Dense/config.json", "{\"bias\": true}")
        .file("2_Dense/model.safetensors", bytes(500))
        .file("2_Dense/pytorch_model.bin", "pickle")
        .file("3_Normalize/config.json", "{}");
  }

  @Test
  void modulesOfACrossEncoderAreDownloadedIntoFoldersAsInThePythonClient() throws IOException {
    modular("CrossEncoder", "2_Dense");

    Path snapshot = fixture.download(MODEL).folder();

    assertThat(names(snapshot)).contains("modules.json").doesNotContain("3_Normalize");
    assertThat(names(snapshot.resolve("1_Pooling"))).containsExactly("config.json");
    assertThat(names(snapshot.resolve("2_Dense")))
        .containsExactly("config.json", "model.safetensors");
    byte[] weights = repository.files.get("2_Dense/model.safetensors");
    assertThat(Files.readSymbolicLink(snapshot.resolve("2_Dense/model.safetensors")).toString())
        .isEqualTo("../../../blobs/" + FakeHub.sha256(weights));
    assertThat(snapshot.resolve("2_Dense/model.safetensors")).hasBinaryContent(weights);
    assertThat(server.hub.lines())
        .anyMatch(line -> line.endsWith("/" + repository.commit + "/2_Dense/model.safetensors"));
    int requests = server.hub.requests().size();
    fixture.download(MODEL);
    assertThat(server.hub.requests()).hasSize(requests + 1);
  }

  @Test
  void modulesOfAnotherKindOfModelAreNotDownloaded() throws IOException {
    modular("SentenceTransformer", "2_Dense");

    assertThat(names(fixture.download(MODEL).folder()))
        .contains("modules.json")
        .doesNotContain("1_Pooling", "2_Dense");
  }

  @Test
  void aModuleThatTheRepositoryLacksIsNamedBeforeTheWeightsAreRead() {
    modular("CrossEncoder", "2_Dense");
    repository.files.remove("2_Dense/model.safetensors");

    assertThat(fixture.failure(MODEL))
        .returns(Kind.INCOMPLETE, HubException::kind)
        .hasMessage(
            "Cannot use the repository cross-encoder/tiny as a model, it lacks 2_Dense/model.safetensors, which its modules.json names.");
    assertThat(server.network.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "../2_Dense", "a/b", "/2_Dense", ".git"})
  void aListOfModulesThatNamesAPathIsRefused(String path) {
    modular("CrossEncoder", path);

    assertThat(fixture.failure(MODEL))
        .returns(Kind.DAMAGED, HubException::kind)
        .hasMessage(
            "Cannot use modules.json of cross-encoder/tiny, it names the folder \"%s\".", path);
  }

  @Test
  void aListOfModulesThatIsNoJsonIsRefused() {
    modular("CrossEncoder", "2_Dense");
    repository.file("modules.json", "<html>");

    assertThat(fixture.failure(MODEL))
        .returns(Kind.DAMAGED, HubException::kind)
        .hasMessage("Cannot use modules.json of cross-encoder/tiny, it is not valid JSON.");
  }

  @Test
  void offlineASnapshotThatLacksAModuleNamesItsFile() throws IOException {
    modular("CrossEncoder", "2_Dense");
    HubSnapshot snapshot = fixture.download(MODEL);
    Files.delete(snapshot.folder().resolve("2_Dense/model.safetensors"));
    environment.put("HF_HUB_OFFLINE", "1");

    assertThat(fixture.failure(MODEL))
        .returns(Kind.OFFLINE, HubException::kind)
        .hasMessageContaining("lacks 2_Dense/model.safetensors of it");
  }

  @Test
  void modulesOfAMirrorThatListsNothingAreProbed() throws IOException {
    modular("CrossEncoder", "2_Dense");
    server.hub.next("/api/", Reply.of(200).body("{\"id\": \"cross-encoder/tiny\"}"));

    assertThat(names(fixture.download(MODEL).folder().resolve("2_Dense")))
        .containsExactly("config.json", "model.safetensors");
  }

  @Test
  void aMirrorThatListsNamesOnlyIsAskedForEachFile() throws IOException {
    server.tellsDetails = false;

    HubSnapshot snapshot = fixture.download(MODEL);

    Path blobs = cache.resolve("models--cross-encoder--tiny/blobs");
    assertThat(names(snapshot.folder())).hasSize(4);
    assertThat(names(blobs))
        .contains(FakeHub.sha256(repository.files.get("model.safetensors")))
        .contains(FakeHub.gitId(repository.files.get("vocab.txt")));
    assertThat(server.hub.lines()).anyMatch(line -> line.startsWith("HEAD "));
  }

  @Test
  void aMirrorThatListsNothingIsProbed() throws IOException {
    server.hub.next("/api/", Reply.of(200).body("{\"id\": \"cross-encoder/tiny\"}"));

    HubSnapshot snapshot = fixture.download(MODEL);

    assertThat(snapshot.commit()).isEqualTo(repository.commit);
    assertThat(names(snapshot.folder())).hasSize(4);
  }

  @Test
  void answersThatAreNotTheHubsAreRefused() {
    server.hub.next(
        "/api/",
        Reply.of(200).with("Content-Type", "text/html").body("<html>Log in</html>"),
        Reply.of(200).body("{\"sha\": \"abc\", \"siblings\": []}"),
        Reply.of(200).body("[1, 2]"),
        Reply.of(200)
            .body(
                "{\"sha\": \"%s\", \"siblings\": [{\"rfilename\": \"../../evil\"}]}"
                    .formatted(repository.commit)),
        Reply.of(200).body("x".repeat((16 << 20) + 1)));
    String start =
        "Cannot use the answer of %s/api/models/cross-encoder/tiny/revision/main, it "
            .formatted(server.address());

    assertThat(fixture.failure(MODEL))
        .hasMessageStartingWith(start + "is a web page, perhaps of a proxy or a login.");
    assertThat(fixture.failure(MODEL)).hasMessageStartingWith(start + "has the sha \"abc\"");
    assertThat(fixture.failure(MODEL)).hasMessageStartingWith(start + "is not a JSON object.");
    assertThat(fixture.failure(MODEL))
        .hasMessageStartingWith(start + "has a file with the name \"../../evil\".");
    assertThat(fixture.failure(MODEL))
        .hasMessageStartingWith(start + "is longer than 16777216 bytes.");
    assertThat(folder.resolve("evil")).doesNotExist();
  }

  @Test
  void anotherCommitThanTheOneAskedForIsRefused() {
    String other = "0".repeat(40);
    server.hub.next(
        "/api/", Reply.of(200).body("{\"sha\": \"%s\", \"siblings\": []}".formatted(other)));

    assertThat(fixture.failure(MODEL.at(repository.commit)))
        .returns(Kind.UNEXPECTED_ANSWER, HubException::kind)
        .hasMessageContaining("it has the commit %s, which was not requested", other);
  }

  @Test
  void aCacheThatCannotBeWrittenSaysHowToMoveIt() throws IOException {
    Files.createFile(cache);

    assertThat(fixture.failure(MODEL))
        .returns(Kind.CACHE, HubException::kind)
        .hasMessageStartingWith("Cannot use the Hugging Face cache " + cache)
        .hasMessageEndingWith(
            "It must be writable; set HF_HOME (or HF_HUB_CACHE) to another folder.");
  }

  @Test
  void withoutLinksTheSnapshotHoldsTheFilesThemselves() throws IOException {
    HubSettings settings = HubSettings.fromEnvironment(environment, folder);
    ModelHub hub =
        new ModelHub(
            settings,
            fixture.waiter,
            new HubCache(
                cache,
                (link, target) -> {
                  throw new UnsupportedOperationException();
                }));

    HubSnapshot snapshot = hub.download(hub.resolve(MODEL), DownloadListener.SILENT);

    assertThat(snapshot.folder().resolve("vocab.txt"))
        .isRegularFile()
        .satisfies(file -> assertThat(Files.isSymbolicLink(file)).isFalse())
        .hasBinaryContent(repository.files.get("vocab.txt"));
  }

  @Test
  void aFileOfTheCacheWithAnotherSizeIsDownloadedAnew() throws IOException {
    HubSnapshot snapshot = fixture.download(MODEL);
    Path weights = snapshot.folder().resolve("model.safetensors");
    Files.write(weights.toRealPath(), new byte[10]);

    assertThat(fixture.download(MODEL).folder().resolve("model.safetensors"))
        .hasBinaryContent(repository.files.get("model.safetensors"));
  }

  @Test
  void whatTheCacheHoldsIsListedAndRemoved() throws IOException {
    fixture.download(MODEL);
    ModelHub hub = fixture.hub();

    CachedModel model = hub.cached().get(0);
    assertThat(model.repository()).isEqualTo(NAME);
    assertThat(model.revisions()).containsExactly("main");
    assertThat(model.bytes()).isGreaterThan(200_000).isLessThan(201_000);
    assertThat(hub.remove(NAME)).contains(model.bytes());
    assertThat(hub.cached()).isEmpty();
    assertThat(hub.remove(NAME)).isEmpty();
    assertThat(hub.remove("../../" + folder.getFileName())).isEmpty();
  }
}
