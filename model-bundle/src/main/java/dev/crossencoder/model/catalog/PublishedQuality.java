package dev.crossencoder.model.catalog;

/**
 * A figure of merit that someone published for a model. It was not measured by this project.
 *
 * @param metric what was computed, such as {@code NDCG@10}
 * @param dataset on what
 * @param value the figure, from 0 to 100
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
