package dev.crossencoder.model.hub;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A hub with one model, and a client of it with an empty cache. */
final class HubFixture implements AutoCloseable {
  static final String NAME = "cross-encoder/tiny";
  static final HubModelId MODEL = HubModelId.parse(NAME);
  static final String WEIGHTS = "model.safetensors";

  final RecordingWaiter waiter = new RecordingWaiter();
  final Map<String, String> environment = new HashMap<>();
  final FakeHub server;
  final FakeHub.Repository repository;
  final Path home;
  final Path cache;

  HubFixture(Path home) throws IOException {
    this.home = home;
    server = FakeHub.start();
    repository =
        server
            .repository(NAME)
            .file("README.md", "# Tiny")
            .file("config.json", "{\"model_type\": \"bert\"}")
            .file(WEIGHTS, bytes(200_000))
            .file("onnx/model.onnx", "onnx")
            .file("pytorch_model.bin", "pickle")
            .file("tokenizer_config.json", "{}")
            .file("vocab.txt", "[PAD]\n[UNK]\n");
    cache = home.resolve("hub");
    environment.put("HF_ENDPOINT", server.address() + "/");
    environment.put("HF_HUB_CACHE", cache.toString());
    environment.put("HOME", home.toString());
    environment.put("HF_HUB_DOWNLOAD_TIMEOUT", "1");
  }

  static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31 + i / 251);
    }
    return bytes;
  }

  byte[] weights() {
    return repository.files.get(WEIGHTS);
  }

  ModelHub hub() {
    HubSettings settings = HubSettings.fromEnvironment(environment, home);
    return new ModelHub(settings, waiter, new HubCache(settings.cache()));
  }

  HubSnapshot download(HubModelId id) throws IOException {
    return download(id, DownloadListener.SILENT);
  }

  HubSnapshot download(HubModelId id, DownloadListener listener) throws IOException {
    ModelHub hub = hub();
    return hub.download(hub.resolve(id), listener);
  }

  HubException failure(HubModelId id) {
    return catchThrowableOfType(HubException.class, () -> download(id));
  }

  Path blobs() {
    return cache.resolve("models--cross-encoder--tiny").resolve("blobs");
  }

  /** Where the weights are while they are incomplete. */
  Path partial() {
    return blobs().resolve(FakeHub.sha256(weights()) + ".cross-encoder.incomplete");
  }

  Path snapshot() {
    return cache.resolve("models--cross-encoder--tiny/snapshots/" + repository.commit);
  }

  static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
