package dev.crossencoder.model.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelNotFoundException;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.hub.DownloadListener;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelRepositoryTest {
  @TempDir private Path folder;
  private Path cache;
  private Path checkpoint;
  private ModelRepository repository;

  @BeforeEach
  void writeACheckpoint() throws IOException {
    cache = folder.resolve("cache");
    repository = new ModelRepository(cache);
    checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("tiny"));
  }

  @ParameterizedTest
  @CsvSource({"demo-qa, 1", "demo-nli, 3"})
  void anEmbeddedModelIsCompiledUnderItsName(String name, int labels) throws IOException {
    Bundle bundle = repository.resolve(name);

    bundle.verify();
    assertThat(bundle.manifest().name()).isEqualTo(name);
    assertThat(bundle.manifest().source()).isEqualTo("embedded:" + name);
    assertThat(bundle.manifest().numLabels()).isEqualTo(labels);
    assertThat(bundles()).containsExactly(bundle.folder());
  }

  @Test
  void aCheckpointIsCompiledToTheChosenPrecision() {
    for (String model : List.of("demo-qa", checkpoint.toString())) {
      Bundle plain = repository.resolve(model);
      Bundle fp32 = repository.resolve(model, Precision.FP32, DownloadListener.SILENT);
      Bundle int8 = repository.resolve(model, Precision.INT8, DownloadListener.SILENT);

      assertThat(fp32.folder()).as(model).isEqualTo(plain.folder());
      assertThat(int8.manifest().dtype()).as(model).isEqualTo("int8");
      assertThat(int8.manifest().name()).as(model).isEqualTo(plain.manifest().name());
      assertThat(int8.digest()).as(model).isNotEqualTo(plain.digest());
      assertThat(repository.resolve(model).folder()).as(model).isEqualTo(plain.folder());
    }
  }

  @Test
  void aBundleOfAnotherPrecisionIsRefused() {
    Bundle int8 = repository.resolve("demo-qa", Precision.INT8, DownloadListener.SILENT);
    String folder = int8.folder().toString();

    assertThat(repository.resolve(folder, Precision.INT8, DownloadListener.SILENT).digest())
        .isEqualTo(int8.digest());
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> repository.resolve(folder, Precision.BF16, DownloadListener.SILENT))
        .withMessage(
            "Cannot use the bundle %s with the precision bf16, its weights are int8. Build one with 'cross-encoder build --precision bf16', name the checkpoint instead of the bundle, or leave the precision out.",
            folder);
  }

  @Test
  void theEmbeddedModelsHaveTheseNames() {
    assertThat(ModelRepository.embeddedNames()).isEqualTo("demo-rank, demo-qa, demo-nli");
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo-qa", "demo-nli"})
  void anEmbeddedModelWhoseJarIsMissingIsAnsweredWithTheWaysOut(String name) throws Exception {
    try (URLClassLoader loader = withoutDemoModels()) {
      Class<?> withoutThem = loader.loadClass(ModelRepository.class.getName());
      Object other = withoutThem.getConstructor(Path.class).newInstance(cache);

      assertThatThrownBy(() -> withoutThem.getMethod("resolve", String.class).invoke(other, name))
          .cause()
          .hasToString(
              "dev.crossencoder.model.InvalidModelException: Cannot use the model "
                  + name
                  + ", the jar cross-encoder-demo-models is not on the class path. Put it beside cross-encoder-model-bundle (in a cluster: into Flink's lib on every machine, then start Flink again), or name a bundle folder, a checkpoint folder or a model of the Hugging Face hub (owner/name).");
    }
  }

  /** Has the classes of this test's class path, and not the embedded models. */
  private static URLClassLoader withoutDemoModels() throws IOException {
    Path demoModels = null;
    List<URL> others = new ArrayList<>();
    for (String entry :
        System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator), -1)) {
      if (entry.contains("demo-models")) {
        demoModels = Path.of(entry);
      } else {
        others.add(Path.of(entry).toUri().toURL());
      }
    }
    assertThat(demoModels).isNotNull();
    return new URLClassLoader(others.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  /** A loop of links is what even root cannot look through. */
  @Test
  void aFolderThatCannotBeLookedAtMayHealAndIsNamedWithTheReason() throws IOException {
    Path loop = folder.resolve("loop");
    Files.createSymbolicLink(loop, loop);

    assertThatExceptionOfType(ModelUnavailableException.class)
        .isThrownBy(() -> repository.resolve(loop.resolve("model").toString()))
        .isNotInstanceOf(ModelNotFoundException.class)
        .withMessageStartingWith(
            "Cannot access the model %s as the user %s: "
                .formatted(loop.resolve("model"), System.getProperty("user.name")))
        .withMessageContaining("Too many levels of symbolic links");
  }

  @Test
  void aWaitForTheCacheCanBeInterrupted() throws Exception {
    CountDownLatch compiling = new CountDownLatch(1);
    BundleCache shared = new BundleCache(cache);
    FutureTask<Bundle> slow =
        new FutureTask<>(
            () ->
                shared.findOrBuild(
                    "slow",
                    "content",
                    target -> {
                      awaitUninterruptibly(compiling);
                      BundleBuilder.fromCheckpoint(checkpoint).build(target);
                    }));
    new Thread(slow, "compiling").start();
    awaitFile(cache.resolve(".lock"));
    FutureTask<Bundle> waiting = new FutureTask<>(() -> repository.resolve(checkpoint.toString()));
    Thread waiter = new Thread(waiting, "waiting");
    waiter.start();
    while (waiter.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }

    waiter.interrupt();

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
        .withCauseInstanceOf(ModelUnavailableException.class)
        .withMessageContaining("interrupted while waiting for its lock");
    compiling.countDown();
    slow.get(20, TimeUnit.SECONDS).verify();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException("Nobody interrupts this thread", e);
    }
  }

  private static void awaitFile(Path file) {
    while (!Files.exists(file)) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aBundleFolderIsUsedWhereItStands() throws IOException {
    Path bundle = folder.resolve("bundle");
    BundleBuilder.fromCheckpoint(checkpoint).build(bundle);

    assertThat(repository.resolve(bundle.toString()).folder()).isEqualTo(bundle);
    assertThat(cache).doesNotExist();
  }

  @Test
  void aCheckpointFolderIsCompiledIntoTheCache() throws IOException {
    Bundle bundle = repository.resolve(checkpoint.toString());

    bundle.verify();
    assertThat(bundle.manifest().name()).isEqualTo("tiny");
    assertThat(bundle.folder()).hasParent(cache);
    assertThat(bundles()).containsExactly(bundle.folder());
  }

  @Test
  void aCheckpointIsCompiledOnce() throws IOException {
    Bundle bundle = repository.resolve(checkpoint.toString());
    FileTime longAgo = FileTime.fromMillis(0);
    Files.setLastModifiedTime(bundle.folder().resolve(Engine.PYTORCH.modelFile()), longAgo);

    Bundle again = new ModelRepository(cache).resolve(checkpoint.toString());

    assertThat(again.digest()).isEqualTo(bundle.digest());
    assertThat(Files.getLastModifiedTime(again.folder().resolve(Engine.PYTORCH.modelFile())))
        .isEqualTo(longAgo);
  }

  @Test
  void aChangedCheckpointIsCompiledAnew() throws IOException {
    Bundle bundle = repository.resolve(checkpoint.toString());
    TinyCheckpoint changed = TinyCheckpoint.create();
    changed.tokenizerConfig.put("model_max_length", 20);
    changed.writeTo(checkpoint);

    Bundle another = repository.resolve(checkpoint.toString());

    assertThat(another.manifest().maxLength()).isEqualTo(20);
    assertThat(bundles()).containsExactlyInAnyOrder(bundle.folder(), another.folder());
  }

  @Test
  void checkpointsOfOneContentKeepTheirOwnNames() throws IOException {
    Path other = TinyCheckpoint.create().writeTo(folder.resolve("other"));

    assertThat(repository.resolve(checkpoint.toString()).manifest().name()).isEqualTo("tiny");
    assertThat(repository.resolve(other.toString()).manifest().name()).isEqualTo("other");
  }

  @Test
  void threadsThatAskAtOnceGetOneBundle() throws Exception {
    int threads = 4;
    CyclicBarrier start = new CyclicBarrier(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Bundle>> results = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        results.add(
            pool.submit(
                () -> {
                  start.await(30, TimeUnit.SECONDS);
                  return new ModelRepository(cache).resolve(checkpoint.toString());
                }));
      }
      // A second build would fail: a bundle is never overwritten.
      for (Future<Bundle> result : results) {
        result.get(60, TimeUnit.SECONDS).verify();
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(bundles()).hasSize(1);
  }

  @Test
  void aCheckpointThatCannotBeCompiledLeavesNothingInTheCache() throws IOException {
    Files.delete(checkpoint.resolve("model.safetensors"));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> repository.resolve(checkpoint.toString()))
        .withMessage(
            "Cannot find model.safetensors or model.safetensors.index.json in %s.", checkpoint);
    assertThat(bundles()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "",
        " ",
        "a\u0000b",
        "./a/b",
        "../a",
        "~/a",
        "/a/b",
        "a/b/",
        "a/b/c",
        "a\\b",
        "a/b/c@v1"
      })
  void aModelThatIsNowhereSaysWhatAModelCanBe(String model) {
    assertThatExceptionOfType(ModelNotFoundException.class)
        .isThrownBy(() -> repository.resolve(model))
        .withMessage(
            "Cannot find the model %s. It must be a bundle folder, a checkpoint folder, a model of the Hugging Face hub (owner/name), or one of demo-rank, demo-qa, demo-nli.",
            model);
  }

  @Test
  void aNameThatTheHubDoesNotAllowIsNotAskedFor() {
    assertThatExceptionOfType(ModelNotFoundException.class)
        .isThrownBy(() -> repository.resolve("owner/a--b"))
        .withMessageEndingWith(
            "Invalid model id: owner/a--b. A model of the hub is named owner/name, with letters, digits and single _ . - in both.");
  }

  @Test
  void aFolderThatIsNeitherSaysWhatItLacks() {
    assertThatExceptionOfType(ModelNotFoundException.class)
        .isThrownBy(() -> repository.resolve(folder.toString()))
        .withMessage(
            "Cannot use the folder %s as a model, it has neither bundle.json (a bundle) nor config.json (a checkpoint).",
            folder);
  }

  @Test
  void aCacheThatCannotBeWrittenSaysHowToMoveIt() throws IOException {
    Files.createFile(cache);

    assertThatExceptionOfType(ModelUnavailableException.class)
        .isThrownBy(() -> repository.resolve("demo-qa"))
        .withMessage(
            "Cannot prepare the model demo-qa in the cache %s: java.nio.file.FileAlreadyExistsException: %s. The cache must be writable; set CROSS_ENCODER_CACHE or -Dcross-encoder.cache to another folder.",
            cache, cache);
  }

  @Test
  @Timeout(60)
  void aLockOfAnotherClassLoaderIsWaitedFor() throws Exception {
    Files.createDirectories(cache);
    FutureTask<Bundle> resolving =
        new FutureTask<>(() -> repository.resolve(checkpoint.toString()));
    Thread thread = new Thread(resolving, "model-repository-test");
    // To this class loader the lock of another one looks like one of its own.
    try (FileChannel channel =
            FileChannel.open(
                cache.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      assertThat(lock.isValid()).isTrue();
      thread.start();
      while (thread.isAlive() && thread.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
      assertThat(bundles()).isEmpty();
    }

    resolving.get(30, TimeUnit.SECONDS).verify();
  }

  @Test
  void theSharedCacheIsTheOneThatThePropertyNames() throws IOException {
    String before = System.getProperty(BundleCache.PROPERTY);
    System.setProperty(BundleCache.PROPERTY, cache.toString());
    try {
      assertThat(ModelRepository.shared().resolve(checkpoint.toString()).folder()).hasParent(cache);
    } finally {
      if (before == null) {
        System.clearProperty(BundleCache.PROPERTY);
      } else {
        System.setProperty(BundleCache.PROPERTY, before);
      }
    }
  }

  private List<Path> bundles() throws IOException {
    try (Stream<Path> children = Files.list(cache)) {
      return children.filter(child -> !child.endsWith(".lock")).toList();
    }
  }
}
