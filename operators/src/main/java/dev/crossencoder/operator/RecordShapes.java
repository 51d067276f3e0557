package dev.crossencoder.operator;

import dev.crossencoder.model.RankOptions;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.ReadableConfig;

/** The shapes of records. */
@Internal
public final class RecordShapes {
  private RecordShapes() {}

  /**
   * Returns the shape of records with pairs.
   *
   * @param ranking records none of whose pairs reaches its smallest score have no result; the
   *     largest number of results is not used
   */
  public static <T> RecordShape<T, Scored<T>> pairs(PairSelector<T> selector, RankOptions ranking) {
    return new PairShape<>(selector, ranking.minScore());
  }

  /**
   * Returns the shape of records with a query and documents.
   *
   * @param ranking chooses the results of a record
   * @param maxDocuments the largest number of documents of a record
   */
  public static <T> RecordShape<T, Ranked<T>> documents(
      RankSelector<T> selector, RankOptions ranking, int maxDocuments) {
    return new RankShape<>(selector, ranking, maxDocuments);
  }

  /**
   * Returns the largest number of documents that the options allow for a record.
   *
   * @throws InvalidOptionException if an option that concerns ranking is invalid
   */
  public static int maxDocuments(ReadableConfig options) {
    return RankConfig.from(options).maxDocuments();
  }
}
