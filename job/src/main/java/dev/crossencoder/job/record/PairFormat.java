package dev.crossencoder.job.record;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.operator.Failure;
import dev.crossencoder.operator.InvalidRecordException;
import dev.crossencoder.operator.Scored;
import java.util.List;
import org.apache.flink.annotation.Internal;

/** Records with one pair each. Owned by one thread. */
@Internal
public final class PairFormat implements RecordFormat<Scored<?>> {
  private static final long serialVersionUID = 1L;

  /** A list that Java can serialize. */
  private final PairFields[] fields;

  private final ResultMember member;
  private transient PairReader reader;

  /**
   * Creates a format.
   *
   * @param fields the places of the two texts; the first one that a record has is used
   */
  public PairFormat(List<PairFields> fields, ResultMember member) {
    this.fields = fields.toArray(PairFields[]::new);
    this.member = member;
  }

  /** Reads the pair of a record. */
  public TextPair pair(byte[] value) throws InvalidRecordException {
    return reader().read(value).pair();
  }

  @Override
  public Failure failure(Scored<?> result) {
    return result.failure();
  }

  @Override
  public ResultPlace place(byte[] value) throws InvalidRecordException {
    return reader().place(value);
  }

  @Override
  public byte[] json(Scored<?> result, byte[] value) {
    return new ScoreJson(result.model(), result.revision(), member.logits())
        .write(
            result.scores().get(0),
            result.stages(),
            result.stages().isEmpty() ? 0 : result.scoredBy().get(0));
  }

  private PairReader reader() {
    if (reader == null) {
      reader = new PairReader(List.of(fields), member.name(), member.overwrite(), member.framing());
    }
    return reader;
  }
}
