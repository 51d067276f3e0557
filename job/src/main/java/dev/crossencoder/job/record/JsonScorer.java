package dev.crossencoder.job.record;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.operator.Failure;
import dev.crossencoder.operator.InvalidRecordException;
import dev.crossencoder.operator.PairOutcome;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * Scores the values of records as the job does, without Flink and Kafka: with the same parsing, the
 * same added member and the same failures. Owned by one thread.
 */
@Internal
public final class JsonScorer {
  private final CrossEncoder model;
  private final PairReader reader;
  private final byte[] quotedName;
  private final ScoreJson scoreJson;

  /**
   * A record's value with its score, or the reason why it has none.
   *
   * @param value JSON with the result; null if there is a failure
   * @param failure null if there is a result
   */
  public record Outcome(byte[] value, Failure failure) {}

  /**
   * Creates a scorer.
   *
   * @param fields the places of the two texts
   * @param resultName the name of the member that is added
   * @param overwrite whether an existing member of that name is replaced
   * @param logits whether to add the logits
   */
  public JsonScorer(
      CrossEncoder model,
      List<PairFields> fields,
      String resultName,
      boolean overwrite,
      boolean logits) {
    this.model = requireNonNull(model, "model is null");
    this.reader = new PairReader(fields, resultName, overwrite);
    this.quotedName = ScoreJson.quote(resultName);
    this.scoreJson =
        new ScoreJson(model.bundle().manifest().name(), model.bundle().digest(), logits);
  }

  /** Scores records in batches. Returns one outcome per record, in the order of the records. */
  public List<Outcome> score(List<byte[]> values) {
    List<PairRecord> records = new ArrayList<>(values.size());
    List<TextPair> pairs = new ArrayList<>(values.size());
    Outcome[] outcomes = new Outcome[values.size()];
    for (int i = 0; i < values.size(); i++) {
      try {
        PairRecord read = reader.read(values.get(i));
        records.add(read);
        pairs.add(read.pair());
      } catch (InvalidRecordException e) {
        records.add(null);
        outcomes[i] = new Outcome(null, e.failure());
      }
    }
    Iterator<PairOutcome> scored = PairOutcome.of(model, pairs).iterator();
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == null) {
        outcomes[i] = outcome(records.get(i), values.get(i), scored.next());
      }
    }
    return List.of(outcomes);
  }

  private Outcome outcome(PairRecord read, byte[] value, PairOutcome scored) {
    return scored.failure() == null
        ? new Outcome(read.place().splice(value, quotedName, scoreJson.write(scored.score())), null)
        : new Outcome(null, scored.failure());
  }
}
