package dev.crossencoder.bundle;

/**
 * Writes a model's program as a graph that takes a packed batch:
 *
 * <pre>
 *   input_ids, token_type_ids, position_ids   [T]      the tokens of n sequences, one after the other
 *   offsets                                   [n + 1]  where each sequence starts; the last is T
 *   logits                                    [n, num_labels], float32
 * </pre>
 */
@FunctionalInterface
interface OnnxWriter {
  String INPUT_IDS = "input_ids";
  String TOKEN_TYPE_IDS = "token_type_ids";
  String POSITION_IDS = "position_ids";
  String OFFSETS = "offsets";
  String LOGITS = "logits";

  /** What padded programs have beside the first two. */
  String ATTENTION_MASK = "attention_mask";

  /**
   * Writes the program.
   *
   * @param model the object of the TorchScript program
   * @param precision {@link Precision#FP32}, or {@link Precision#INT8} for the linear layers
   */
  void write(OnnxGraph graph, ScriptModule model, Precision precision);
}
