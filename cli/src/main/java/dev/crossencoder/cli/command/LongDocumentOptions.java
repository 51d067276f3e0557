package dev.crossencoder.cli.command;

import dev.crossencoder.model.ChunkScore;
import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.Evidence;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** The options for texts that do not fit, and for the evidence of a score. */
final class LongDocumentOptions {
  private static final String TRUNCATE = "truncate";
  private static final String CHUNK = "chunk";

  @Option(
      names = "--long-document",
      paramLabel = "L",
      defaultValue = TRUNCATE,
      description =
          "What happens to a text that does not fit: truncate (its beginning is read, default) or chunk (it is divided, and each chunk is scored).")
  private String mode = TRUNCATE;

  @Option(
      names = "--chunk-tokens",
      paramLabel = "N",
      description =
          "The maximum number of tokens of a chunk. By default what fits beside the other text.")
  private Integer tokens;

  @Option(
      names = "--chunk-overlap",
      paramLabel = "N",
      defaultValue = "32",
      description =
          "The maximum number of tokens that a chunk repeats of the one before it. By default 32.")
  private int overlap = Chunking.DEFAULT_OVERLAP;

  @Option(
      names = "--chunk-max",
      paramLabel = "N",
      description = "The maximum number of chunks of a text. By default all.")
  private Integer max;

  @Option(
      names = "--chunk-score",
      paramLabel = "S",
      defaultValue = "max",
      description =
          "How the scores of the chunks become the score of the text: max (default), first or mean-top-3.")
  private String score = ChunkScore.MAX.key();

  @Option(
      names = "--evidence",
      paramLabel = "E",
      defaultValue = "none",
      description =
          "What a result names as its evidence: none (default), or sentence (the sentence without which the score is lowest; costs one more pair per sentence).")
  private String evidence = Evidence.NONE.key();

  /** Whether texts are divided. */
  boolean divides() {
    return !mode.equals(TRUNCATE);
  }

  /** Whether evidence is wanted. */
  boolean wantsEvidence() {
    return Evidence.parse(evidence) != Evidence.NONE;
  }

  /** Returns options with these options. */
  CrossEncoderOptions apply(CrossEncoderOptions options) {
    CrossEncoderOptions changed = options.withEvidence(Evidence.parse(evidence));
    return switch (mode) {
      case TRUNCATE -> changed;
      case CHUNK ->
          changed.withChunking(
              new Chunking(optional(tokens), overlap, optional(max), ChunkScore.parse(score)));
      default ->
          throw new CommandFailedException(
              "Invalid --long-document: %s. It must be truncate or chunk.".formatted(mode));
    };
  }

  private static OptionalInt optional(Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }
}
