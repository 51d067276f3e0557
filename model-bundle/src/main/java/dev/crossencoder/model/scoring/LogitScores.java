package dev.crossencoder.model.scoring;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.ScoreFunction;
import dev.crossencoder.model.bundle.Bundle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns the logits of a pair into its score. Immutable. */
final class LogitScores {
  private final Bundle bundle;
  private final ScoreFunction function;

  LogitScores(Bundle bundle, ScoreFunction function) {
    this.bundle = bundle;
    this.function = function;
  }

  /**
   * Returns the score of a pair.
   *
   * @throws InvalidModelException if there is not one logit per label
   */
  Score score(float[] logits, boolean truncated) {
    List<String> labels = bundle.manifest().labels();
    if (logits.length != labels.size()) {
      throw new InvalidModelException(
          "Cannot use bundle %s, its program returns %d logits per pair and its manifest has %d labels."
              .formatted(bundle.folder(), logits.length, labels.size()));
    }
    float[] activated = function.apply(logits);
    List<Float> logitList = new ArrayList<>(logits.length);
    for (float logit : logits) {
      logitList.add(logit);
    }
    if (logits.length == 1) {
      return new Score(activated[0], null, Map.of(), logitList, truncated);
    }
    int winner = 0;
    Map<String, Float> byLabel = new HashMap<>();
    for (int i = 0; i < logits.length; i++) {
      byLabel.put(labels.get(i), activated[i]);
      if (logits[i] > logits[winner]) {
        winner = i;
      }
    }
    return new Score(activated[winner], labels.get(winner), byLabel, logitList, truncated);
  }
}
