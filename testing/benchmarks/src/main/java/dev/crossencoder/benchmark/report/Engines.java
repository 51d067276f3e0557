package dev.crossencoder.benchmark.report;

/** The names of engines in results. */
public final class Engines {
  /** {@code CrossEncoder.score} with a bundle of fp32. */
  public static final String OURS = "ours fp32";

  /** The same with a bundle of fp32 that was built for ONNX Runtime. */
  public static final String OURS_ONNX = "ours fp32 on onnxruntime";

  /** The same with a bundle of int8. */
  public static final String OURS_INT8 = "ours int8";

  /** {@code predict} with all pairs at once, which it sorts by number of characters. */
  public static final String TORCH = "sentence-transformers torch fp32, its own sort";

  /** {@code predict} with batches of pairs that are sorted by number of tokens. */
  public static final String TORCH_BY_TOKENS =
      "sentence-transformers torch fp32, fed 32 at a time sorted by tokens";

  /** {@code predict} with batches in arrival order. */
  public static final String TORCH_ARRIVAL =
      "sentence-transformers torch fp32, fed 32 at a time in arrival order";

  /** ONNX Runtime called from Java, padded batches sorted by tokens. */
  public static final String ONNX_RUNTIME = "ONNX Runtime from Java fp32, sorted by tokens";

  private Engines() {}

  /** Names a backend of sentence-transformers. */
  public static String backend(String name) {
    return "sentence-transformers " + name + ", its own sort";
  }

  /** Names ONNX Runtime from Java with a quantised model. */
  public static String onnxRuntimeInt8(String kind) {
    return "ONNX Runtime from Java int8 " + kind + ", sorted by tokens";
  }

  /** Returns whether an engine uses quantised weights, so that its scores may differ more. */
  public static boolean int8(String engine) {
    return engine.contains("int8");
  }

  /** Returns whether the engine is part of this project. */
  public static boolean ours(String engine) {
    return engine.startsWith("ours");
  }
}
