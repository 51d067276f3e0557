package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.race.RaceFiles;
import dev.crossencoder.benchmark.race.RacePage;
import java.io.IOException;

/** Regenerates the page of {@link Race} from existing results, without measuring. */
public final class WriteComparisonPage {
  private WriteComparisonPage() {}

  /** Writes the page to the file that {@link RaceOptions} names. */
  public static void main(String[] args) throws IOException {
    RaceOptions options = RaceOptions.read();
    RacePage.write(new RaceFiles(options.results()), options.page());
    System.out.printf("Wrote %s%n", options.page());
  }
}
