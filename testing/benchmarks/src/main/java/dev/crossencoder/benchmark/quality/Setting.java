package dev.crossencoder.benchmark.quality;

import dev.crossencoder.model.ChunkScore;
import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a model is used.
 *
 * @param name in tables and pictures
 * @param maxLength the maximum number of tokens of a pair; empty for the limit of the model
 * @param chunking empty if texts are truncated
 */
public record Setting(
    String name, Precision precision, OptionalInt maxLength, Optional<Chunking> chunking) {
  /** The setting that others are compared with. */
  public static final Setting BASE = truncated("fp32", Precision.FP32, OptionalInt.empty());

  private static final int SHORT = 128;
  private static final int MEDIUM = 256;

  /** All settings, that of the comparison first. */
  public static final List<Setting> ALL =
      List.of(
          BASE,
          truncated("int8", Precision.INT8, OptionalInt.empty()),
          truncated("fp32, 256 tokens", Precision.FP32, OptionalInt.of(MEDIUM)),
          truncated("fp32, 128 tokens", Precision.FP32, OptionalInt.of(SHORT)),
          chunked("fp32, chunks", OptionalInt.empty()),
          chunked("fp32, chunks of 128 tokens", OptionalInt.of(SHORT)));

  private static Setting truncated(String name, Precision precision, OptionalInt maxLength) {
    return new Setting(name, precision, maxLength, Optional.empty());
  }

  private static Setting chunked(String name, OptionalInt tokens) {
    return new Setting(
        name,
        Precision.FP32,
        OptionalInt.empty(),
        Optional.of(
            new Chunking(tokens, Chunking.DEFAULT_OVERLAP, OptionalInt.empty(), ChunkScore.MAX)));
  }

  /** The options of the library. */
  public CrossEncoderOptions options() {
    CrossEncoderOptions options = CrossEncoderOptions.DEFAULT;
    if (maxLength.isPresent()) {
      options = options.withMaxLength(maxLength.getAsInt());
    }
    return chunking.isPresent() ? options.withChunking(chunking.get()) : options;
  }

  /**
   * Returns why the setting would do the same as {@link #BASE}, or nothing if it does not.
   *
   * @param longest the number of tokens of the longest pair, as {@link #BASE} reads it
   * @param truncated the number of pairs that {@link #BASE} truncates
   */
  Optional<String> withoutEffect(int longest, long truncated) {
    if (maxLength.isPresent() && longest <= maxLength.getAsInt()) {
      return Optional.of("no pair has more than %,d tokens".formatted(longest));
    }
    return chunking.isPresent() && truncated == 0
        ? Optional.of("all pairs fit, so that no text is divided")
        : Optional.empty();
  }
}
