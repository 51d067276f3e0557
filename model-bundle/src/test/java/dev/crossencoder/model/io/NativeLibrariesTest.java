package dev.crossencoder.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.model.InvalidModelException;
import org.junit.jupiter.api.Test;

class NativeLibrariesTest {
  @Test
  void whatLoadsIsReturned() {
    assertThat(NativeLibraries.call("libtorch", () -> 42L)).isEqualTo(42);
  }

  @Test
  void aLibraryThatAnotherClassLoaderHasSaysWhereTheJarsBelong() {
    UnsatisfiedLinkError cause =
        new UnsatisfiedLinkError("libtokenizers.so already loaded in another classloader");

    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> NativeLibraries.load("the tokenizer library", () -> fail(cause)))
        .withMessage(
            "Cannot load the tokenizer library, another class loader of this JVM has loaded it: native code belongs to one class loader only. Put the flink-cross-encoder runtime jars into Flink's lib folder instead of the job jar, add dev.crossencoder.model;dev.crossencoder.operator;ai.djl to classloader.parent-first-patterns.additional, and restart the TaskManager.")
        .withCause(cause);
  }

  @Test
  void theReasonIsFoundBelowOtherExceptions() {
    Throwable root = new UnsatisfiedLinkError("x already loaded in another classloader");
    IllegalArgumentException wrapped = new IllegalArgumentException(new LinkageError("x", root));

    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(
            () ->
                NativeLibraries.load(
                    "libtorch",
                    () -> {
                      throw wrapped;
                    }))
        .withMessageStartingWith("Cannot load libtorch, another class loader of this JVM");
  }

  @Test
  void aLibraryThatIsNotThereSaysWhichPlatformsThereAre() {
    LinkageError cause = new NoClassDefFoundError("no natives");

    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> NativeLibraries.load("libtorch", () -> fail(cause)))
        .withMessage(
            "Cannot load libtorch on %s %s: java.lang.NoClassDefFoundError: no natives. Natives exist for linux-x86_64, linux-aarch64, osx-aarch64 and win-x86_64; the jar of this platform must be on the class path and the folders for extracted natives (DJL_CACHE_DIR, by default ~/.djl.ai, and for ONNX Runtime java.io.tmpdir) writable.",
            System.getProperty("os.name"), System.getProperty("os.arch"))
        .withCause(cause);
  }

  @Test
  void aModelThatTheLibraryRefusesIsNotTheLibrarysFault() {
    InvalidModelException refusal = new InvalidModelException("Cannot load tokenizer.json: no");

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(
            () ->
                NativeLibraries.load(
                    "libtorch",
                    () -> {
                      throw refusal;
                    }))
        .withMessage("Cannot load tokenizer.json: no");
  }

  private static Void fail(LinkageError error) {
    throw error;
  }
}
