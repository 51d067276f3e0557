package dev.crossencoder.model.bundle;

/**
 * The names of the inputs and outputs of {@code model.onnx}. {@link InputForm} says which inputs
 * are used together.
 */
public final class OnnxTensors {
  /** The token ids. */
  public static final String INPUT_IDS = "input_ids";

  /** The segment id of each token. */
  public static final String TOKEN_TYPE_IDS = "token_type_ids";

  /** The position id of each token within its pair; packed batches only. */
  public static final String POSITION_IDS = "position_ids";

  /** The index of each pair's first token, and the number of tokens; packed batches only. */
  public static final String OFFSETS = "offsets";

  /** 1 for a token, 0 for padding; padded batches only. */
  public static final String ATTENTION_MASK = "attention_mask";

  /** The output, {@code [pairs, labels]}. */
  public static final String LOGITS = "logits";

  private OnnxTensors() {}
}
