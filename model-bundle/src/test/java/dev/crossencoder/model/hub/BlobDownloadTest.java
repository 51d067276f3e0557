package dev.crossencoder.model.hub;

import static dev.crossencoder.model.hub.HubFixture.MODEL;
import static dev.crossencoder.model.hub.HubFixture.WEIGHTS;
import static dev.crossencoder.model.hub.HubFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.model.hub.FakeServer.Reply;
import dev.crossencoder.model.hub.HubException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A large file comes whole, whatever the network does, or not at all. */
class BlobDownloadTest {
  @TempDir private Path folder;
  private HubFixture fixture;
  private FakeServer hub;
  private FakeServer network;
  private byte[] weights;

  @BeforeEach
  void startAHub() throws IOException {
    fixture = new HubFixture(folder);
    hub = fixture.server.hub;
    network = fixture.server.network;
    weights = fixture.weights();
  }

  @AfterEach
  void stopTheHub() {
    fixture.close();
  }

  private void assertDownloads() throws IOException {
    HubSnapshot snapshot = fixture.download(MODEL);
    assertThat(snapshot.folder().resolve(WEIGHTS)).hasBinaryContent(weights);
    assertThat(names(fixture.blobs())).noneMatch(name -> name.endsWith(".incomplete"));
  }

  private void assertNothingIsShown() throws IOException {
    assertThat(names(fixture.snapshot())).doesNotContain(WEIGHTS);
    assertThat(names(fixture.blobs())).doesNotContain(FakeHub.sha256(weights));
  }

  private Reply whole() {
    return Reply.of(200).body(weights);
  }

  private Reply from(int start) {
    return Reply.of(206)
        .with(
            "Content-Range", "bytes %d-%d/%d".formatted(start, weights.length - 1, weights.length))
        .body(Arrays.copyOfRange(weights, start, weights.length));
  }

  @Test
  void aConnectionThatBreaksIsResumedWhereItBroke() throws IOException {
    network.next("/blobs/", whole().cutAfter(70_000));

    assertDownloads();

    assertThat(network.sent("/blobs/", "Range")).containsExactly(null, "bytes=70000-");
  }

  @Test
  void aConnectionMayBreakAnyNumberOfTimesAsLongAsSomethingComes() throws IOException {
    Reply[] cuts =
        IntStream.range(0, 20)
            .mapToObj(i -> i == 0 ? whole().cutAfter(1000) : from(i * 1000).cutAfter(1000))
            .toArray(Reply[]::new);
    network.next("/blobs/", cuts);

    assertDownloads();

    assertThat(network.requests()).hasSize(21);
  }

  @Test
  void aConnectionThatGoesSilentCountsAsBroken() throws IOException {
    network.next("/blobs/", whole().stallAfter(50_000));

    assertDownloads();

    assertThat(network.sent("/blobs/", "Range")).containsExactly(null, "bytes=50000-");
  }

  @Test
  void whatIsThereIsKeptForTheNextProcess() throws IOException {
    network.next("/blobs/", whole().cutAfter(70_000));
    network.next("/blobs/", silence(2 * Retries.MAX_RETRIES));

    assertThat(fixture.failure(MODEL))
        .returns(Kind.UNREACHABLE, HubException::kind)
        .hasMessageStartingWith(
            "Cannot download model.safetensors of cross-encoder/tiny: the connection broke");
    assertNothingIsShown();
    assertThat(fixture.partial()).hasSize(70_000);

    assertDownloads();
    assertThat(network.sent("/blobs/", "Range")).endsWith("bytes=70000-");
  }

  /** The JDK itself asks once more if there is no answer at all. */
  private static Reply[] silence(int length) {
    return Stream.generate(Reply::none).limit(length).toArray(Reply[]::new);
  }

  @Test
  void aServerThatIgnoresTheRangeSendsAllAnew() throws IOException {
    network.next("/blobs/", whole().cutAfter(70_000), whole());

    assertDownloads();
  }

  @Test
  void aServerThatRefusesTheRangeIsAskedForAll() throws IOException {
    network.next("/blobs/", whole().cutAfter(70_000), Reply.of(416));

    assertDownloads();

    assertThat(network.sent("/blobs/", "Range")).containsExactly(null, "bytes=70000-", null);
  }

  @Test
  void aServerThatSendsAnotherRangeIsAskedForAll() throws IOException {
    network.next("/blobs/", whole().cutAfter(70_000), from(60_000));

    assertDownloads();

    assertThat(network.sent("/blobs/", "Range")).containsExactly(null, "bytes=70000-", null);
  }

  @Test
  void whatAnotherProcessLeftOfAnotherContentIsFoundOut() throws IOException {
    Files.createDirectories(fixture.blobs());
    Files.write(fixture.partial(), new byte[1000]);

    assertDownloads();

    assertThat(network.sent("/blobs/", "Range")).containsExactly("bytes=1000-", null);
  }

  @Test
  void whatAnotherProcessLeftMayBeAllOfIt() throws IOException {
    Files.createDirectories(fixture.blobs());
    Files.write(fixture.partial(), weights);

    assertDownloads();

    assertThat(network.requests()).isEmpty();
  }

  @Test
  void aPartThatIsLongerThanTheFileIsThrownAway() throws IOException {
    Files.createDirectories(fixture.blobs());
    Files.write(fixture.partial(), new byte[weights.length + 1]);

    assertDownloads();
  }

  @Test
  void anotherContentThanPromisedIsTriedOnceMoreAndThenRefused() throws IOException {
    byte[] other = weights.clone();
    other[5]++;
    network.next("/blobs/", Reply.of(200).body(other), Reply.of(200).body(other));

    assertThat(fixture.failure(MODEL))
        .returns(Kind.DAMAGED, HubException::kind)
        .hasMessage(
            "Cannot use model.safetensors of cross-encoder/tiny, it was damaged twice on its way from %s: its SHA-256 must be %s and is %s.",
            fixture.server.address(), FakeHub.sha256(weights), FakeHub.sha256(other));
    assertNothingIsShown();
    assertThat(fixture.partial()).doesNotExist();
    assertDownloads();
  }

  @Test
  void filesInsideGitAreCheckedToo() {
    Reply wrong = Reply.of(200).body("[PAD]\n[unk]\n");
    hub.next("/vocab.txt", wrong, wrong);

    assertThat(fixture.failure(MODEL))
        .returns(Kind.DAMAGED, HubException::kind)
        .hasMessageContaining("its Git blob id must be ");
  }

  @Test
  void aLongerBodyIsRefused() throws IOException {
    byte[] longer = Arrays.copyOf(weights, weights.length + 1);
    network.next(
        "/blobs/",
        Reply.of(200).body(longer),
        Reply.of(200).with("Transfer-Encoding", "chunked").body(longer));

    assertThat(fixture.failure(MODEL))
        .returns(Kind.DAMAGED, HubException::kind)
        .hasMessageEndingWith(": it must have at most 200000 bytes and has more.");
    assertNothingIsShown();
  }

  @Test
  void aShorterBodyIsRefused() throws IOException {
    Reply shorter = Reply.of(200).body(Arrays.copyOf(weights, 100));
    network.next("/blobs/", shorter, shorter);

    assertThat(fixture.failure(MODEL))
        .returns(Kind.DAMAGED, HubException::kind)
        .hasMessageEndingWith(": it must have 200000 bytes and has 100.");
    assertNothingIsShown();
  }

  @Test
  void aLoginPageInsteadOfAFileIsCalledOne() {
    Reply page = Reply.of(200).with("Content-Type", "text/html").body("<html>Log in</html>");
    network.next("/blobs/", page, page);

    assertThat(fixture.failure(MODEL))
        .returns(Kind.DAMAGED, HubException::kind)
        .hasMessageEndingWith("bytes and has 19; the answer is a web page.");
  }

  @Test
  void aCompressedAnswerIsDecompressed() throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
      out.write(weights);
    }
    network.next(
        "/blobs/", Reply.of(200).with("Content-Encoding", "gzip").body(compressed.toByteArray()));

    assertDownloads();

    assertThat(network.sent("/blobs/", "Accept-Encoding")).containsExactly("identity");
  }

  @Test
  void anAnswerThatIsCompressedOtherwiseIsRefused() {
    network.next("/blobs/", whole().with("Content-Encoding", "br"));

    assertThat(fixture.failure(MODEL))
        .returns(Kind.UNEXPECTED_ANSWER, HubException::kind)
        .hasMessageEndingWith("is compressed with br, which was not requested.");
  }

  @Test
  void aBusyHubIsAskedAgainWithLongerAndLongerWaits() throws IOException {
    hub.next("/api/", Reply.of(503), Reply.of(500), Reply.of(429), Reply.of(408));

    assertDownloads();

    List<Duration> waits = fixture.waiter.waits();
    assertThat(waits).hasSize(4);
    for (int i = 0; i < 4; i++) {
      assertThat(waits.get(i))
          .isBetween(Duration.ofMillis(500L << i), Duration.ofMillis(1000L << i));
    }
  }

  @Test
  void aHubThatSaysWhenToComeBackIsObeyedWithinReason() throws IOException {
    hub.next(
        "/api/",
        Reply.of(429).with("Retry-After", "7"),
        Reply.of(503).with("Retry-After", "Fri, 02 Jan 2026 03:04:25 GMT"),
        Reply.of(429).with("Retry-After", "86400"));

    assertDownloads();

    assertThat(fixture.waiter.waits())
        .containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(13), Retries.MAX_REQUESTED_WAIT);
  }

  @Test
  void aHubThatStaysBusyIsGivenUp() {
    hub.next("/api/", Stream.generate(() -> Reply.of(429)).limit(9).toArray(Reply[]::new));

    assertThat(fixture.failure(MODEL))
        .returns(Kind.UNREACHABLE, HubException::kind)
        .hasMessageStartingWith(
            "Cannot look up cross-encoder/tiny: %s answered 429 (a token in HF_TOKEN raises the hub's limits).",
            fixture.server.address().getAuthority());
    assertThat(hub.requests()).hasSize(1 + Retries.MAX_RETRIES);
  }

  @Test
  void anAddressOfTheContentNetworkThatExpiredIsAskedForAgain() throws IOException {
    network.next("/blobs/", Reply.of(403));

    assertDownloads();

    assertThat(hub.lines().stream().filter(line -> line.endsWith(WEIGHTS))).hasSize(2);
  }

  @Test
  void anInterruptEndsTheWait() {
    hub.next("/api/", Reply.of(503));
    hub.onRequest = caller(Thread.currentThread());

    assertThatExceptionOfType(InterruptedIOException.class)
        .isThrownBy(() -> fixture.download(MODEL));
    assertThat(Thread.interrupted()).isTrue();
  }

  private static Consumer<FakeServer.Request> caller(Thread thread) {
    return request -> thread.interrupt();
  }

  @Test
  void theListenerHearsWhereADownloadResumesAndEnds() throws IOException {
    network.next("/blobs/", whole().cutAfter(70_000));
    List<Long> heard = new ArrayList<>();

    fixture.download(
        MODEL,
        (file, done, total) -> {
          if (file.equals(WEIGHTS)) {
            assertThat(total).isEqualTo(weights.length);
            heard.add(done);
          }
        });

    assertThat(heard).startsWith(0L).contains(70_000L).endsWith((long) weights.length).isSorted();
  }

  @Test
  void theTokenIsInNoLogLineAndNoExceptionWhateverHappens() {
    fixture.environment.put("HF_TOKEN", "hf_secret");
    Reply wrong = Reply.of(200).body("hf_secret");
    hub.next("/api/", Reply.of(503).with("X-Error-Message", "for hf_secret"), Reply.none());
    network.next("/blobs/", Reply.of(403).body("{\"error\": \"hf_secret\"}"), wrong, wrong);

    List<String> lines;
    HubException failure;
    try (LogCapture log = LogCapture.begin()) {
      failure = fixture.failure(MODEL);
      lines = log.lines();
    }

    assertThat(failure).returns(Kind.DAMAGED, HubException::kind);
    assertThat(lines).anyMatch(line -> line.contains("answered 503 (it says: for ***)"));
    assertThat(lines).noneMatch(line -> line.contains("hf_secret"));
    // The signature in an address of the content network is as good as a password too.
    assertThat(lines).noneMatch(line -> line.contains("s3cr3t"));
    for (Throwable t = failure; t != null; t = t.getCause()) {
      assertThat(t.toString()).doesNotContain("hf_secret");
    }
    assertThat(HubSettings.fromEnvironment(fixture.environment, folder).toString())
        .contains("HubToken[from HF_TOKEN]")
        .doesNotContain("hf_secret");
  }
}
