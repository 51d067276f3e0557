package dev.crossencoder.benchmark.quality;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.List;

/** A model in a setting. */
public interface Scorer extends AutoCloseable {
  /** Scores pairs. */
  List<Score> score(List<TextPair> pairs);

  /** Returns the number of tokens that the model reads of a pair. */
  int tokens(TextPair pair);

  @Override
  void close();
}
