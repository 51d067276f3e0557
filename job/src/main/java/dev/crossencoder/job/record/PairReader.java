package dev.crossencoder.job.record;

import dev.crossencoder.job.record.RecordParser.Found;
import dev.crossencoder.job.record.RecordParser.Parsed;
import dev.crossencoder.job.record.RecordParser.Target;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.operator.InvalidRecordException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;

/**
 * Reads the two texts of a JSON record and finds the place for a result, in one streaming pass over
 * the bytes. Any other value causes an {@link InvalidRecordException}, whose message contains none
 * of the record's text. If a name occurs several times, the last member counts.
 *
 * <p>Owned by one thread.
 */
@Internal
public final class PairReader {
  private final List<PairFields> fields;
  private final RecordParser parser;

  /**
   * Creates a reader of records without a frame.
   *
   * @param fields the places of the two texts; the first one that a record has is used
   * @param resultName the name of the result's member
   * @param overwrite whether an existing member of that name is replaced
   */
  public PairReader(List<PairFields> fields, String resultName, boolean overwrite) {
    this(fields, resultName, overwrite, InputFraming.NONE);
  }

  /**
   * Creates a reader.
   *
   * @param framing the bytes before the JSON; offsets include them
   */
  public PairReader(
      List<PairFields> fields, String resultName, boolean overwrite, InputFraming framing) {
    this.fields = List.copyOf(fields);
    List<Target> targets =
        fields.stream()
            .flatMap(pair -> Stream.of(pair.text(), pair.textPair()))
            .map(Target::text)
            .toList();
    this.parser = new RecordParser(targets, resultName, overwrite, framing);
  }

  /**
   * Reads a record.
   *
   * @param value the bytes of the value; null is an invalid record
   */
  public PairRecord read(byte[] value) throws InvalidRecordException {
    Parsed parsed = parser.parse(value);
    return new PairRecord(pair(parsed.found()), parsed.place());
  }

  /**
   * Finds the place for a result in a value that {@link #read} has accepted. If members must not be
   * replaced, this is the end of the object and needs no second pass. Otherwise the value is parsed
   * again.
   *
   * @throws InvalidRecordException if {@link #read} would not accept the value
   */
  public ResultPlace place(byte[] accepted) throws InvalidRecordException {
    return parser.place(accepted);
  }

  private TextPair pair(List<Found> found) throws InvalidRecordException {
    int chosen = -1;
    for (int i = fields.size() - 1; i >= 0; i--) {
      boolean first = found.get(2 * i).exists();
      boolean second = found.get(2 * i + 1).exists();
      if ((first && second) || ((first || second) && chosen < 0)) {
        chosen = i;
      }
    }
    if (chosen < 0) {
      throw new InvalidRecordException(
          FailureCodes.MISSING_FIELD,
          "The record does not have %s."
              .formatted(
                  fields.stream().map(PairFields::toString).collect(Collectors.joining(", or "))));
    }
    PairFields names = fields.get(chosen);
    return new TextPair(
        found.get(2 * chosen).require(names.text()),
        found.get(2 * chosen + 1).require(names.textPair()));
  }
}
