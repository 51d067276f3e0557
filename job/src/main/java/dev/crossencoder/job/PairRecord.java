package dev.crossencoder.job;

import dev.crossencoder.bundle.TextPair;
import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * What {@link PairReader} found in a record: the texts, and where a result belongs.
 *
 * @param pair the two texts
 * @param insertAt the offset at which one more member can be inserted
 * @param empty whether the object has no members yet
 * @param existing where the values of members with the result's name are, in their order
 */
record PairRecord(TextPair pair, int insertAt, boolean empty, List<Range> existing) {
  /** Bytes from {@code start} to before {@code end}. */
  record Range(int start, int end) {}

  /**
   * Returns the record with one more member; every other byte stays as it is. Where members of that
   * name exist, their values are replaced instead.
   *
   * @param source the bytes that were read
   * @param name the member's name as JSON, with its quotes
   * @param value the member's value as JSON
   */
  byte[] splice(byte[] source, byte[] name, byte[] value) {
    ByteArrayOutputStream out =
        new ByteArrayOutputStream(source.length + name.length + value.length + 2);
    int copied = 0;
    for (Range range : existing) {
      out.write(source, copied, range.start() - copied);
      out.writeBytes(value);
      copied = range.end();
    }
    if (existing.isEmpty()) {
      out.write(source, 0, insertAt);
      if (!empty) {
        out.write(',');
      }
      out.writeBytes(name);
      out.write(':');
      out.writeBytes(value);
      copied = insertAt;
    }
    out.write(source, copied, source.length - copied);
    return out.toByteArray();
  }
}
