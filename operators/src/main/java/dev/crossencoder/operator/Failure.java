package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import org.apache.flink.annotation.PublicEvolving;

/**
 * Why a record has no scores.
 *
 * <p>It can be part of state: a Flink POJO, which savepoints find by the names of this class and of
 * its components.
 *
 * @param code a short constant in lower case with underscores, by which failures are counted
 * @param message one sentence for people, without texts of the record
 */
@PublicEvolving
public record Failure(String code, String message) {
  /** The model returned NaN or an infinity. */
  public static final String NON_FINITE_SCORE = "non_finite_score";

  /** The pair alone does not fit into the device's memory. */
  public static final String DEVICE_OUT_OF_MEMORY = "device_out_of_memory";

  /** The tokeniser refused the text. */
  public static final String TOKENISATION_FAILED = "tokenisation_failed";

  /** The pair has too many tokens, and nothing would stay of the text that may be shortened. */
  public static final String PAIR_TOO_LONG = "pair_too_long";

  /** No score came in time, and {@code cross-encoder.on-timeout} is {@code dead-letter}. */
  public static final String TIMEOUT = "timeout";

  public Failure {
    requireNonNull(code, "code is null");
    requireNonNull(message, "message is null");
  }
}
