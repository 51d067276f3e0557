package dev.crossencoder.model.catalog;

/**
 * A throughput that someone published for a model. This project did not measure it. It is valid
 * only for the hardware and the texts of the measurement.
 *
 * @param documentsPerSecond the number of pairs scored per second
 * @param hardware the hardware of the measurement
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
