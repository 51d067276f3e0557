package dev.crossencoder.model.bundle;

import dev.crossencoder.model.Precision;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What can run a compiled model. */
public enum Engine {
  /** libtorch, on CPUs and GPUs. */
  PYTORCH("model.pt"),

  /** ONNX Runtime, on CPUs; the one that computes with {@link Precision#INT8}. */
  ONNXRUNTIME("model.onnx");

  private final String modelFile;

  Engine(String modelFile) {
    this.modelFile = modelFile;
  }

  /** The name in options and in {@code bundle.json}: {@code pytorch}, {@code onnxruntime}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The name of the program's file in a bundle. */
  public String modelFile() {
    return modelFile;
  }

  /** Whether it computes with numbers of a precision. */
  public boolean supports(Precision precision) {
    return this == ONNXRUNTIME
        ? precision == Precision.FP32 || precision == Precision.INT8
        : precision != Precision.INT8;
  }

  /** Returns the engine with a name as {@link #key} gives it. */
  static Optional<Engine> find(String key) {
    return Arrays.stream(values()).filter(engine -> engine.key().equals(key)).findFirst();
  }

  /** The names, with commas between them. */
  static String keys() {
    return Arrays.stream(values()).map(Engine::key).collect(Collectors.joining(", "));
  }

  /**
   * Returns the engine with a name as {@link #key} gives it.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Engine parse(String key) {
    return find(key)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid engine: %s. It must be one of %s.".formatted(key, keys())));
  }
}
