package dev.crossencoder.job.record;

import dev.crossencoder.job.record.RecordParser.Found;
import dev.crossencoder.job.record.RecordParser.Target;
import dev.crossencoder.operator.InvalidRecordException;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * Reads the name of the model that scores a JSON record.
 *
 * <p>Owned by one thread.
 */
@Internal
public final class RouteReader {
  private final String pointer;
  private final RecordParser parser;

  /**
   * Creates a reader.
   *
   * @param pointer JSON Pointer of the name
   * @param member the member of the result, in which the name is not
   */
  public RouteReader(String pointer, ResultMember member) {
    this.pointer = pointer;
    this.parser =
        new RecordParser(
            List.of(Target.text(pointer)), member.name(), member.overwrite(), member.framing());
  }

  /**
   * Returns the name; null if the record has none.
   *
   * @param value the bytes of the value; null is an invalid record
   * @throws InvalidRecordException if the value is no JSON object, or the name is no string
   */
  public String route(byte[] value) throws InvalidRecordException {
    Found found = parser.parse(value).found().get(0);
    return found.exists() && !found.isNull() ? found.require(pointer) : null;
  }
}
