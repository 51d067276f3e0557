package dev.crossencoder.job.record;

import dev.crossencoder.job.record.RecordParser.Found;
import dev.crossencoder.job.record.RecordParser.Parsed;
import dev.crossencoder.job.record.RecordParser.Target;
import dev.crossencoder.operator.ClassifyRequest;
import dev.crossencoder.operator.Failure;
import dev.crossencoder.operator.InvalidRecordException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the text of a JSON record and its labels, as {@link PairReader} reads a pair. A label that
 * is not a string makes the record invalid.
 *
 * <p>Owned by one thread.
 */
final class ClassifyReader {
  /** The key of the option, for messages. */
  private static final String MAX_DOCUMENTS = "cross-encoder.max-documents";

  private final ClassifyFields fields;
  private final int maxLabels;
  private final RecordParser parser;

  /**
   * Creates a reader.
   *
   * @param fields the places of text and labels
   * @param maxLabels the largest number of labels of a record
   * @param resultName the name of the result's member
   * @param overwrite whether an existing member of that name is replaced
   * @param framing the bytes before the JSON; offsets include them
   */
  ClassifyReader(
      ClassifyFields fields,
      int maxLabels,
      String resultName,
      boolean overwrite,
      InputFraming framing) {
    this.fields = fields;
    this.maxLabels = maxLabels;
    List<Target> targets = new ArrayList<>();
    targets.add(Target.text(fields.text()));
    if (fields.labels() != null) {
      targets.add(new Target(fields.labels(), new DocumentTexts(List.of(), maxLabels)));
    }
    this.parser = new RecordParser(targets, resultName, overwrite, framing);
  }

  /**
   * Reads a record.
   *
   * @param value the bytes of the value; null is an invalid record
   */
  ClassifyRequest read(byte[] value) throws InvalidRecordException {
    Parsed parsed = parse(value);
    String text = parsed.found().get(0).require(fields.text());
    return fields.labels() == null
        ? new ClassifyRequest(text)
        : new ClassifyRequest(text, labels(parsed.found().get(1)));
  }

  private Parsed parse(byte[] value) throws InvalidRecordException {
    try {
      return parser.parse(value);
    } catch (InvalidRecordException e) {
      if (e.failure().code().equals(Failure.TOO_MANY_DOCUMENTS)) {
        throw new InvalidRecordException(
            Failure.INVALID_LABELS,
            "The record has more than %d labels. Raise %s, or send fewer labels in a record."
                .formatted(maxLabels, MAX_DOCUMENTS));
      }
      throw e;
    }
  }

  private List<String> labels(Found array) throws InvalidRecordException {
    if (!array.exists()) {
      throw new InvalidRecordException(
          FailureCodes.MISSING_FIELD, "The record has no field %s.".formatted(fields.labels()));
    }
    if (array.documents() == null) {
      throw new InvalidRecordException(
          FailureCodes.NOT_ARRAY,
          "The record's field %s is not an array of labels but %s."
              .formatted(fields.labels(), JsonTokens.kind(array.token())));
    }
    List<String> labels = array.documents().texts();
    int missing = labels.indexOf(null);
    if (missing >= 0) {
      throw new InvalidRecordException(
          Failure.INVALID_LABELS,
          "Label %d of %d is not a string.".formatted(missing + 1, labels.size()));
    }
    return labels;
  }

  /** Finds the place for a result, as {@link PairReader#place} does. */
  ResultPlace place(byte[] accepted) throws InvalidRecordException {
    return parser.place(accepted);
  }
}
