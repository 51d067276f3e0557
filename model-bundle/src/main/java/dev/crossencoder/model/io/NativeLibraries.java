package dev.crossencoder.model.io;

import dev.crossencoder.model.InvalidModelException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Loads native libraries, and explains failures in one message that says what to do. */
public final class NativeLibraries {
  private NativeLibraries() {}

  /** As {@link #load}, for an action that returns a number. */
  public static long call(String library, LongSupplier action) {
    return load(library, action::getAsLong);
  }

  /**
   * Runs an action that may load a native library for the first time. Before that, system
   * properties forbid DJL to download files and to send usage data, unless the user has set them.
   *
   * @param library the name of the library in messages
   * @throws IllegalStateException if the library cannot be loaded
   * @throws InvalidModelException if the action throws it
   */
  public static <T> T load(String library, Supplier<T> action) {
    setIfAbsent("ai.djl.offline", "true");
    setIfAbsent("OPT_OUT_TRACKING", "true");
    try {
      return action.get();
    } catch (LinkageError e) {
      throw explain(library, e);
    } catch (RuntimeException e) {
      if (e instanceof InvalidModelException) {
        throw e;
      }
      throw explain(library, e);
    }
  }

  /** Sets a system property unless it is set already. */
  public static void setIfAbsent(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }

  private static IllegalStateException explain(String library, Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      String message = String.valueOf(t.getMessage());
      if (message.contains("already loaded in another classloader")) {
        return new IllegalStateException(
            "Cannot load %s, another class loader of this JVM has loaded it: native code belongs to one class loader only. Put the flink-cross-encoder runtime jars into Flink's lib folder instead of the job jar, add dev.crossencoder.model;dev.crossencoder.operator;ai.djl to classloader.parent-first-patterns.additional, and restart the TaskManager."
                .formatted(library),
            failure);
      }
    }
    return new IllegalStateException(
        "Cannot load %s on %s %s: %s. Natives exist for linux-x86_64, linux-aarch64, osx-aarch64 and win-x86_64; the jar of this platform must be on the class path and the folders for extracted natives (DJL_CACHE_DIR, by default ~/.djl.ai, and for ONNX Runtime java.io.tmpdir) writable."
            .formatted(
                library, System.getProperty("os.name"), System.getProperty("os.arch"), failure),
        failure);
  }
}
