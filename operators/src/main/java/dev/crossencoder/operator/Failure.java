package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import org.apache.flink.annotation.PublicEvolving;

/**
 * The reason why a record has no scores.
 *
 * <p>This record can be part of Flink state. It is a Flink POJO: savepoints refer to it by the
 * names of the class and of its components, so neither may change.
 *
 * @param code a short constant in lower case with underscores; metrics count failures by code
 * @param message one sentence; contains no text of the record
 */
@PublicEvolving
public record Failure(String code, String message) {
  /** The model returned NaN or an infinity. */
  public static final String NON_FINITE_SCORE = "non_finite_score";

  /** The pair alone does not fit into the device's memory. */
  public static final String DEVICE_OUT_OF_MEMORY = "device_out_of_memory";

  /** The tokenizer failed on the text. */
  public static final String TOKENISATION_FAILED = "tokenisation_failed";

  /**
   * The pair has too many tokens, and truncation would remove all of the text that it may shorten.
   */
  public static final String PAIR_TOO_LONG = "pair_too_long";

  /**
   * The record was not scored within {@code cross-encoder.timeout}, and {@code
   * cross-encoder.on-timeout} is {@code dead-letter}.
   */
  public static final String TIMEOUT = "timeout";

  /** The record has more documents than {@code cross-encoder.max-documents}. */
  public static final String TOO_MANY_DOCUMENTS = "too_many_documents";

  /** The record has documents, and none of them can be scored. */
  public static final String NO_VALID_DOCUMENT = "no_valid_document";

  /** The record names a model that is not one of {@code cross-encoder.models}, or none. */
  public static final String UNKNOWN_MODEL = "unknown_model";

  /** The candidate labels of the record are empty, too many, blank or twice the same. */
  public static final String INVALID_LABELS = "invalid_labels";

  public Failure {
    requireNonNull(code, "code is null");
    requireNonNull(message, "message is null");
  }
}
