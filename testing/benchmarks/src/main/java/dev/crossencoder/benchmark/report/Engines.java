package dev.crossencoder.benchmark.report;

/** The names under which results list what was measured. */
public final class Engines {
  /** {@code CrossEncoder.score} with a bundle of fp32. */
  public static final String OURS = "ours fp32";

  /** The same with a bundle of int8. */
  public static final String OURS_INT8 = "ours int8";

  /** {@code predict} given all pairs at once, which it sorts by their characters. */
  public static final String TORCH = "sentence-transformers torch fp32, its own sort";

  /** {@code predict} given batches of pairs that are sorted by tokens already. */
  public static final String TORCH_BY_TOKENS =
      "sentence-transformers torch fp32, fed 32 at a time sorted by tokens";

  /** {@code predict} given batches as they come. */
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

  /** Whether an engine rounds weights, so that its scores may differ visibly. */
  public static boolean int8(String engine) {
    return engine.contains("int8");
  }

  /** Whether it is this project's. */
  public static boolean ours(String engine) {
    return engine.startsWith("ours");
  }
}
