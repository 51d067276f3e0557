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
   * @param minScore records none of whose pairs reaches it have no result
   * @param thresholds records none of whose pairs reaches one of them have no result
   */
  public static <T> RecordShape<T, Scored<T>> pairs(
      PairSelector<T> selector, float minScore, LabelThresholds thresholds) {
    return new PairShape<>(selector, minScore, thresholds);
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
   * @param thresholds records none of whose labels reaches one of them have no result
   * @throws InvalidOptionException if the labels are empty, blank or twice the same
   */
  public static <T> RecordShape<T, Classified<T>> labels(
      ClassifySelector<T> selector,
      List<String> labels,
      ClassifyOptions options,
      int maxLabels,
      LabelThresholds thresholds) {
    return new ClassifyShape<>(
        selector, new ClassifyConfig(labels, options, maxLabels), thresholds);
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
