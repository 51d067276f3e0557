package dev.crossencoder.job.record;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.operator.Failure;
import dev.crossencoder.operator.InvalidRecordException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * What the job does to a record's value, without Flink and Kafka: the same parsing, the same member
 * spliced in, the same reasons for refusal. Owned by one thread.
 */
@Internal
public final class JsonScorer {
  private final CrossEncoder model;
  private final PairReader reader;
  private final byte[] quotedName;
  private final ScoreJson scoreJson;

  /**
   * A record's value with its score, or why it has none.
   *
   * @param value JSON with the result; null if there is a failure
   * @param failure null if there is a result
   */
  public record Outcome(byte[] value, Failure failure) {}

  /**
   * Creates one.
   *
   * @param fields where the texts may be
   * @param resultName the name of the member that is added
   * @param overwrite whether a member of that name may be replaced
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

  /** Scores records in batches; returns one outcome a record, in their order. */
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
