package dev.crossencoder.model.bundle;

/** The names of the inputs and outputs of {@code model.onnx}, which {@link InputForm} combines. */
public final class OnnxTensors {
  /** The ids of all tokens. */
  public static final String INPUT_IDS = "input_ids";

  /** The segment of each token. */
  public static final String TOKEN_TYPE_IDS = "token_type_ids";

  /** The position of each token in its sequence; packed programs only. */
  public static final String POSITION_IDS = "position_ids";

  /** Where each sequence starts, and the number of all tokens; packed programs only. */
  public static final String OFFSETS = "offsets";

  /** 1 for a token and 0 for padding; padded programs only. */
  public static final String ATTENTION_MASK = "attention_mask";

  /** The output: one row for each pair, one column for each label. */
  public static final String LOGITS = "logits";

  private OnnxTensors() {}
}
