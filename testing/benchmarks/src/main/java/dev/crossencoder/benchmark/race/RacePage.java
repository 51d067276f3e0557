package dev.crossencoder.benchmark.race;

import java.io.IOException;
import java.nio.file.Path;

/** Generates {@code docs/comparison.md} with its pictures from the results. */
public final class RacePage {
  private RacePage() {}

  /** Writes the page. */
  public static void write(RaceFiles files, Path page) throws IOException {
    files.read();
  }
}
