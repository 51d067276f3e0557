package dev.crossencoder.model.catalog;

/**
 * A speed that someone published for a model. It was not measured by this project, and with other
 * hardware and texts than it was measured with it means nothing.
 *
 * @param documentsPerSecond pairs scored in a second
 * @param hardware what it was measured on
 * @param source who published it, and where
 */
public record PublishedThroughput(int documentsPerSecond, String hardware, String source) {
  public PublishedThroughput {
    if (documentsPerSecond <= 0) {
      throw new IllegalArgumentException(
          "Invalid documents per second: %d. They must be positive.".formatted(documentsPerSecond));
    }
  }
}
