package dev.crossencoder.job.record;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.operator.Failure;
import dev.crossencoder.operator.InvalidRecordException;
import dev.crossencoder.operator.RankRequest;
import dev.crossencoder.operator.Ranked;
import java.util.List;
import org.apache.flink.annotation.Internal;

/** Records with a query and documents. Owned by one thread. */
@Internal
public final class DocumentsFormat implements RecordFormat<Ranked<?>> {
  private static final long serialVersionUID = 1L;

  private final DocumentFields fields;
  private final int maxDocuments;
  private final boolean returnDocuments;
  private final ResultMember member;
  private transient DocumentsReader reader;

  /**
   * Creates a format.
   *
   * @param maxDocuments the largest number of documents of a record
   * @param returnDocuments whether results contain the texts of the documents
   */
  public DocumentsFormat(
      DocumentFields fields, int maxDocuments, boolean returnDocuments, ResultMember member) {
    this.fields = requireNonNull(fields, "fields is null");
    this.maxDocuments = maxDocuments;
    this.returnDocuments = returnDocuments;
    this.member = requireNonNull(member, "member is null");
  }

  /** Reads the query and the documents of a record. */
  public RankRequest request(byte[] value) throws InvalidRecordException {
    return reader().read(value).request();
  }

  @Override
  public Failure failure(Ranked<?> result) {
    return result.failure();
  }

  @Override
  public ResultPlace place(byte[] value) throws InvalidRecordException {
    return reader().place(value);
  }

  @Override
  public byte[] json(Ranked<?> result, byte[] value) throws InvalidRecordException {
    List<String> texts = returnDocuments ? request(value).documents() : List.of();
    return new ScoreJson(result.model(), result.revision(), member.logits()).write(result, texts);
  }

  private DocumentsReader reader() {
    if (reader == null) {
      reader =
          new DocumentsReader(
              fields, maxDocuments, member.name(), member.overwrite(), member.framing());
    }
    return reader;
  }
}
