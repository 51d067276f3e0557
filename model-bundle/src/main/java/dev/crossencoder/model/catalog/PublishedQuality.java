package dev.crossencoder.model.catalog;

/**
 * A quality metric that someone published for a model. This project did not measure it.
 *
 * @param metric the name of the metric, such as {@code NDCG@10}
 * @param dataset the data that it was computed on
 * @param value the value, from 0 to 100
 * @param source who published it, and where
 */
public record PublishedQuality(String metric, String dataset, double value, String source) {
  public PublishedQuality {
    if (!(value >= 0 && value <= 100)) {
      throw new IllegalArgumentException(
          "Invalid value of %s: %s. It must be from 0 to 100.".formatted(metric, value));
    }
  }
}
