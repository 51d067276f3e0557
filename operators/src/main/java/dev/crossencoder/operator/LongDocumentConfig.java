package dev.crossencoder.operator;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;
import static dev.crossencoder.operator.InvalidOptionException.check;

import dev.crossencoder.model.ChunkScore;
import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.Evidence;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.LongDocument;
import java.io.Serializable;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The validated options for texts that do not fit.
 *
 * @param tokens null for what fits
 * @param max null for all
 */
record LongDocumentConfig(
    LongDocument mode,
    Integer tokens,
    int overlap,
    Integer max,
    ChunkScore score,
    Evidence evidence)
    implements Serializable {
  LongDocumentConfig {
    check(
        tokens == null || tokens >= Chunking.MIN_TOKENS,
        CrossEncoderFunctionOptions.CHUNK_TOKENS,
        tokens,
        "It must be at least %d; leave it out for what fits beside the query."
            .formatted(Chunking.MIN_TOKENS));
    check(
        overlap >= 0,
        CrossEncoderFunctionOptions.CHUNK_OVERLAP,
        overlap,
        "It must not be negative.");
    check(
        max == null || max > 0,
        CrossEncoderFunctionOptions.CHUNK_MAX,
        max,
        "It must be positive; leave it out for all chunks.");
  }

  /**
   * Reads and validates the options.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  static LongDocumentConfig from(ReadableConfig config) {
    return new LongDocumentConfig(
        read(config, CrossEncoderFunctionOptions.LONG_DOCUMENT),
        read(config, CrossEncoderFunctionOptions.CHUNK_TOKENS),
        read(config, CrossEncoderFunctionOptions.CHUNK_OVERLAP),
        read(config, CrossEncoderFunctionOptions.CHUNK_MAX),
        read(config, CrossEncoderFunctionOptions.CHUNK_SCORE).score(),
        read(config, CrossEncoderFunctionOptions.EVIDENCE).evidence());
  }

  /** Returns options without evidence. */
  LongDocumentConfig withoutEvidence() {
    return new LongDocumentConfig(mode, tokens, overlap, max, score, Evidence.NONE);
  }

  /** How texts are divided; empty if they are truncated. */
  Optional<Chunking> chunking() {
    return mode == LongDocument.CHUNK
        ? Optional.of(new Chunking(optional(tokens), overlap, optional(max), score))
        : Optional.empty();
  }

  /**
   * Checks that texts are read as they are, as classification needs it: the logits of chunks cannot
   * be compared between labels.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  void requireWholeTexts() {
    check(
        mode == LongDocument.TRUNCATE,
        CrossEncoderFunctionOptions.LONG_DOCUMENT,
        mode,
        "Classification reads a text up to what fits beside a label: leave the option out.");
    check(
        evidence == Evidence.NONE,
        CrossEncoderFunctionOptions.EVIDENCE,
        evidence.key(),
        "A classification has no evidence: leave the option out.");
  }

  private static OptionalInt optional(Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }
}
