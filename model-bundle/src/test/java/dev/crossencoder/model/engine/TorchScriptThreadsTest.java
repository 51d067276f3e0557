package dev.crossencoder.model.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.pytorch.jni.JniUtils;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A thread keeps the number of threads that it chose, whatever others choose. */
@Timeout(60)
class TorchScriptThreadsTest {
  @BeforeAll
  static void loadLibtorch(@TempDir Path folder) throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    Bundle bundle = BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("bundle"));
    CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT).close();
  }

  /** Both threads are new: what libtorch does on a thread only once is yet to come on them. */
  @Test
  void anotherThreadsChoiceBeforeTheFirstPassChangesNothing() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      run(thread, () -> TorchScriptEngine.useThreads(2));
      run(other, () -> TorchScriptEngine.useThreads(5));

      assertThat(thread.submit(JniUtils::getNumThreads).get()).isEqualTo(2);
      assertThat(other.submit(JniUtils::getNumThreads).get()).isEqualTo(5);
    } finally {
      thread.shutdownNow();
      other.shutdownNow();
    }
  }

  @Test
  void aThreadMayChooseAgain() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      for (int threads : new int[] {3, 1, 3, 3, 2}) {
        run(thread, () -> TorchScriptEngine.useThreads(threads));

        assertThat(thread.submit(JniUtils::getNumThreads).get()).isEqualTo(threads);
      }
    } finally {
      thread.shutdownNow();
    }
  }

  private static void run(ExecutorService thread, Runnable task) throws Exception {
    thread.submit(task).get(30, TimeUnit.SECONDS);
  }
}
