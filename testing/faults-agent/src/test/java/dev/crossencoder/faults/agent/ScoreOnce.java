package dev.crossencoder.faults.agent;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.nio.file.Path;

/** A program that scores one pair. */
final class ScoreOnce {
  private ScoreOnce() {}

  /** Takes a bundle and two texts. */
  public static void main(String[] arguments) {
    try (CrossEncoder model = CrossEncoder.open(Path.of(arguments[0]))) {
      System.out.println("scored " + model.score(new TextPair(arguments[1], arguments[2])).score());
    }
  }
}
