package dev.crossencoder.operator;

import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.classification.ClassifyOptions;
import java.util.List;
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
   * Returns the shape of records with a text and labels.
   *
   * @param labels the labels of records without labels of their own; null for none
   * @param options how texts are classified
   * @param maxLabels the largest number of labels of a record
   * @throws InvalidOptionException if the labels are empty, blank or twice the same
   */
  public static <T> RecordShape<T, Classified<T>> labels(
      ClassifySelector<T> selector, List<String> labels, ClassifyOptions options, int maxLabels) {
    return new ClassifyShape<>(selector, new ClassifyConfig(labels, options, maxLabels));
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
