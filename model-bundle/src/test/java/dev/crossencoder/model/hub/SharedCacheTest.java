package dev.crossencoder.model.hub;

import static dev.crossencoder.model.hub.HubFixture.MODEL;
import static dev.crossencoder.model.hub.HubFixture.WEIGHTS;
import static dev.crossencoder.model.hub.HubFixture.names;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.hub.FakeServer.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever asks at once shares one download. */
@Timeout(120)
class SharedCacheTest {
  @TempDir private Path folder;
  private HubFixture fixture;

  @BeforeEach
  void startAHub() throws IOException {
    fixture = new HubFixture(folder);
  }

  @AfterEach
  void stopTheHub() {
    fixture.close();
  }

  /** Answers nobody's listing before all have asked for it. */
  private static Consumer<Request> meetingOf(int parties) {
    CyclicBarrier barrier = new CyclicBarrier(parties);
    return request -> {
      if (request.target().startsWith("/api/")) {
        try {
          barrier.await(60, TimeUnit.SECONDS);
        } catch (BrokenBarrierException | TimeoutException e) {
          throw new IllegalStateException("Not all have come", e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    };
  }

  private void assertOneDownload() throws IOException {
    assertThat(fixture.server.network.requests()).hasSize(1);
    assertThat(fixture.snapshot().resolve(WEIGHTS)).hasBinaryContent(fixture.weights());
    assertThat(names(fixture.blobs())).hasSize(4);
    assertThat(names(fixture.snapshot())).hasSize(4);
  }

  @Test
  void threadsShareADownload() throws Exception {
    int threads = 4;
    fixture.server.hub.onRequest = meetingOf(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<HubSnapshot>> results = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        results.add(pool.submit(() -> fixture.download(MODEL)));
      }
      for (Future<HubSnapshot> result : results) {
        assertThat(result.get(60, TimeUnit.SECONDS).folder()).isEqualTo(fixture.snapshot());
      }
    } finally {
      pool.shutdownNow();
    }
    assertOneDownload();
  }

  @Test
  void processesShareADownload() throws Exception {
    fixture.server.hub.onRequest = meetingOf(2);
    Process first = start("first.log");
    Process second = start("second.log");
    try {
      assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      first.destroyForcibly();
      second.destroyForcibly();
    }

    assertThat(Files.readAllLines(folder.resolve("first.log")))
        .endsWith(fixture.snapshot().toString());
    assertThat(Files.readAllLines(folder.resolve("second.log")))
        .endsWith(fixture.snapshot().toString());
    assertOneDownload();
  }

  private Process start(String log) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Downloader.class.getName());
    builder.environment().putAll(fixture.environment);
    return builder.redirectErrorStream(true).redirectOutput(folder.resolve(log).toFile()).start();
  }

  /** Another process that downloads the model. */
  static final class Downloader {
    public static void main(String[] args) throws IOException {
      ModelHub hub = ModelHub.fromEnvironment();
      System.out.println(hub.download(hub.resolve(MODEL), DownloadListener.SILENT).folder());
    }
  }
}
