package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.scaling.ScalingFiles;
import dev.crossencoder.benchmark.scaling.SizingPage;
import java.io.IOException;

/** Regenerates the page of {@link Scaling} from existing results, without measuring. */
public final class WriteSizingPage {
  private WriteSizingPage() {}

  /** Writes the page to the file that {@link ScalingOptions} names. */
  public static void main(String[] args) throws IOException {
    ScalingOptions options = ScalingOptions.read();
    SizingPage.write(new ScalingFiles(options.results()), options.page());
    System.out.printf("Wrote %s%n", options.page());
  }
}
