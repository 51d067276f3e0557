package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.report.PerformancePage;
import dev.crossencoder.benchmark.report.ResultFiles;
import java.io.IOException;

/** Writes the page from the results that are there, without measuring. */
public final class WritePage {
  private WritePage() {}

  /** Writes it where {@link BenchmarkOptions} says. */
  public static void main(String[] args) throws IOException {
    BenchmarkOptions options = BenchmarkOptions.read();
    PerformancePage.write(new ResultFiles(options.results()), options.page());
    System.out.printf("Wrote %s%n", options.page());
  }
}
