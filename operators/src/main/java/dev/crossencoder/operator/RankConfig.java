package dev.crossencoder.operator;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;

import dev.crossencoder.model.RankOptions;
import java.io.Serializable;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The validated options that choose results by their scores.
 *
 * @param topN the largest number of results of a ranked record; null for all
 * @param minScore the smallest score of a result; null for any
 * @param maxDocuments the largest number of documents of a ranked record
 */
record RankConfig(Integer topN, Float minScore, int maxDocuments) implements Serializable {
  private static final long serialVersionUID = 1L;

  RankConfig {
    InvalidOptionException.checkPositive(CrossEncoderFunctionOptions.TOP_N, topN);
    InvalidOptionException.check(
        minScore == null || !minScore.isNaN(),
        CrossEncoderFunctionOptions.MIN_SCORE,
        minScore,
        "It must be a number.");
    InvalidOptionException.checkPositive(CrossEncoderFunctionOptions.MAX_DOCUMENTS, maxDocuments);
  }

  static RankConfig from(ReadableConfig config) {
    return new RankConfig(
        read(config, CrossEncoderFunctionOptions.TOP_N),
        read(config, CrossEncoderFunctionOptions.MIN_SCORE),
        read(config, CrossEncoderFunctionOptions.MAX_DOCUMENTS));
  }

  /** Which documents of a record are results. */
  RankOptions options() {
    RankOptions options = RankOptions.ALL;
    options = topN == null ? options : options.withTopN(topN);
    return minScore == null ? options : options.withMinScore(minScore);
  }
}
