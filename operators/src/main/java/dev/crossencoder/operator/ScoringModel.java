package dev.crossencoder.operator;

import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.PairScoring;
import java.util.List;

/**
 * The methods of a loaded model that the operator calls. Each has the contract of the method of
 * {@link CrossEncoder} with the same name.
 */
interface ScoringModel extends AutoCloseable {
  EncodedPair encode(TextPair pair);

  default PairScoring begin(TextPair pair) {
    return PairScoring.of(encode(pair));
  }

  List<Score> scoreBatch(List<EncodedPair> batch, int passThreads);

  int passThreads(int available);

  void warmUp();

  @Override
  void close();

  static ScoringModel of(CrossEncoder model) {
    return new ScoringModel() {
      @Override
      public EncodedPair encode(TextPair pair) {
        return model.encode(pair);
      }

      @Override
      public PairScoring begin(TextPair pair) {
        return model.begin(pair);
      }

      @Override
      public List<Score> scoreBatch(List<EncodedPair> batch, int passThreads) {
        return model.scoreBatch(batch, passThreads);
      }

      @Override
      public int passThreads(int available) {
        return model.passThreads(available);
      }

      @Override
      public void warmUp() {
        model.warmUp();
      }

      @Override
      public void close() {
        model.close();
      }
    };
  }
}
