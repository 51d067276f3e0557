package dev.crossencoder.job.record;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.operator.Classified;
import dev.crossencoder.operator.ClassifyRequest;
import dev.crossencoder.operator.Failure;
import dev.crossencoder.operator.InvalidRecordException;
import org.apache.flink.annotation.Internal;

/** Records with a text, and perhaps with labels of their own. Owned by one thread. */
@Internal
public final class ClassifyFormat implements RecordFormat<Classified<?>> {
  private static final long serialVersionUID = 1L;

  private final ClassifyFields fields;
  private final int maxLabels;
  private final ResultMember member;
  private transient ClassifyReader reader;

  /**
   * Creates a format.
   *
   * @param maxLabels the largest number of labels of a record
   */
  public ClassifyFormat(ClassifyFields fields, int maxLabels, ResultMember member) {
    this.fields = requireNonNull(fields, "fields is null");
    this.maxLabels = maxLabels;
    this.member = requireNonNull(member, "member is null");
  }

  /** Reads the text and the labels of a record. */
  public ClassifyRequest request(byte[] value) throws InvalidRecordException {
    return reader().read(value);
  }

  @Override
  public Failure failure(Classified<?> result) {
    return result.failure();
  }

  @Override
  public ResultPlace place(byte[] value) throws InvalidRecordException {
    return reader().place(value);
  }

  @Override
  public byte[] json(Classified<?> result, byte[] value) {
    return new ScoreJson(result.model(), result.revision(), member.logits()).write(result);
  }

  private ClassifyReader reader() {
    if (reader == null) {
      reader =
          new ClassifyReader(
              fields, maxLabels, member.name(), member.overwrite(), member.framing());
    }
    return reader;
  }
}
