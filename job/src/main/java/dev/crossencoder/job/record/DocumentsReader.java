package dev.crossencoder.job.record;

import dev.crossencoder.job.record.RecordParser.Found;
import dev.crossencoder.job.record.RecordParser.Parsed;
import dev.crossencoder.job.record.RecordParser.Target;
import dev.crossencoder.operator.InvalidRecordException;
import dev.crossencoder.operator.RankRequest;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * Reads the query and the documents of a JSON record, as {@link PairReader} reads a pair. A
 * document without a text does not make the record invalid: it has a reason in the request.
 *
 * <p>Owned by one thread.
 */
@Internal
public final class DocumentsReader {
  private final DocumentFields fields;
  private final RecordParser parser;

  /**
   * The query and documents of a record, and the place for a result.
   *
   * @param request the query and documents
   * @param place the place for the result
   */
  public record Ranking(RankRequest request, ResultPlace place) {}

  /**
   * Creates a reader.
   *
   * @param fields the places of query and documents
   * @param maxDocuments the largest number of documents of a record
   * @param resultName the name of the result's member
   * @param overwrite whether an existing member of that name is replaced
   * @param framing the bytes before the JSON; offsets include them
   */
  public DocumentsReader(
      DocumentFields fields,
      int maxDocuments,
      String resultName,
      boolean overwrite,
      InputFraming framing) {
    this.fields = fields;
    List<Target> targets =
        List.of(
            Target.text(fields.query()),
            new Target(fields.documents(), new DocumentTexts(fields.texts(), maxDocuments)));
    this.parser = new RecordParser(targets, resultName, overwrite, framing);
  }

  /**
   * Reads a record.
   *
   * @param value the bytes of the value; null is an invalid record
   */
  public Ranking read(byte[] value) throws InvalidRecordException {
    Parsed parsed = parser.parse(value);
    String query = parsed.found().get(0).require(fields.query());
    Found array = parsed.found().get(1);
    if (!array.exists()) {
      throw new InvalidRecordException(
          FailureCodes.MISSING_FIELD, "The record has no field %s.".formatted(fields.documents()));
    }
    if (array.documents() == null) {
      throw new InvalidRecordException(
          FailureCodes.NOT_ARRAY,
          "The record's field %s is not an array of documents but %s."
              .formatted(fields.documents(), JsonTokens.kind(array.token())));
    }
    Documents documents = array.documents();
    return new Ranking(
        new RankRequest(query, documents.texts(), documents.refused()), parsed.place());
  }

  /** Finds the place for a result, as {@link PairReader#place} does. */
  public ResultPlace place(byte[] accepted) throws InvalidRecordException {
    return parser.place(accepted);
  }
}
