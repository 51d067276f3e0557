package dev.crossencoder.benchmark.quality;

import dev.crossencoder.model.ChunkScore;
import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.util.Arrays;
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

  /** At least one of so many pairs must be read otherwise. */
  private static final int MIN_SHARE = 100;

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
   * Returns why nothing could be seen of the setting, or nothing if it is worth to be measured: it
   * reads less than one percent of the pairs otherwise than {@link #BASE}.
   *
   * @param tokens the number of tokens of each pair, as {@link #BASE} reads it
   * @param truncated the number of pairs that {@link #BASE} truncates
   */
  Optional<String> withoutEffect(int[] tokens, long truncated) {
    if (maxLength.isPresent()) {
      long longer = Arrays.stream(tokens).filter(count -> count > maxLength.getAsInt()).count();
      return reason(
          longer, tokens.length, "have more than %,d tokens".formatted(maxLength.getAsInt()));
    }
    return chunking.isPresent()
        ? reason(truncated, tokens.length, "do not fit, so that a text is divided")
        : Optional.empty();
  }

  private static Optional<String> reason(long changed, int pairs, String what) {
    return changed * MIN_SHARE < pairs
        ? Optional.of("only %,d of %,d pairs %s".formatted(changed, pairs, what))
        : Optional.empty();
  }
}
