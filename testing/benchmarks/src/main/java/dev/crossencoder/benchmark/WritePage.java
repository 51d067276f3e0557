package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.report.PerformancePage;
import dev.crossencoder.benchmark.report.ResultFiles;
import java.io.IOException;

/** Regenerates the page from existing results, without measuring. */
public final class WritePage {
  private WritePage() {}

  /** Writes the page to the file that {@link BenchmarkOptions} names. */
  public static void main(String[] args) throws IOException {
    BenchmarkOptions options = BenchmarkOptions.read();
    PerformancePage.write(new ResultFiles(options.results()), options.page());
    System.out.printf("Wrote %s%n", options.page());
  }
}
