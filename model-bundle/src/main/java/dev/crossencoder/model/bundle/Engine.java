package dev.crossencoder.model.bundle;

import dev.crossencoder.model.Precision;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The runtime that runs a compiled model. */
public enum Engine {
  /** libtorch, on CPUs and NVIDIA GPUs. */
  PYTORCH("model.pt"),

  /** ONNX Runtime, on CPUs; the only engine for {@link Precision#INT8}. */
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

  /** Returns whether the engine can compute in a precision. */
  public boolean supports(Precision precision) {
    return this == ONNXRUNTIME
        ? precision == Precision.FP32 || precision == Precision.INT8
        : precision != Precision.INT8;
  }

  /** Returns the engine for a {@link #key}. */
  static Optional<Engine> find(String key) {
    return Arrays.stream(values()).filter(engine -> engine.key().equals(key)).findFirst();
  }

  /** All keys, separated by commas. */
  static String keys() {
    return Arrays.stream(values()).map(Engine::key).collect(Collectors.joining(", "));
  }

  /**
   * Returns the engine for a {@link #key}.
   *
   * @throws IllegalArgumentException if there is no such engine
   */
  public static Engine parse(String key) {
    return find(key)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid engine: %s. It must be one of %s.".formatted(key, keys())));
  }
}
