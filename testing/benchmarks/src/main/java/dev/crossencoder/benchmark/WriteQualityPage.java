package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.quality.QualityFiles;
import dev.crossencoder.benchmark.quality.QualityPage;
import java.io.IOException;

/** Regenerates the page of {@link Quality} from existing results, without measuring. */
public final class WriteQualityPage {
  private WriteQualityPage() {}

  /** Writes the page to the file that {@link QualityOptions} names. */
  public static void main(String[] args) throws IOException {
    QualityOptions options = QualityOptions.read();
    QualityPage.write(new QualityFiles(options.results()), options.page());
    System.out.printf("Wrote %s%n", options.page());
  }
}
