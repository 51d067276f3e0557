package dev.crossencoder.job.record;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * The place for a result in the bytes of a record.
 *
 * @param insertAt the offset at which one more member can be inserted
 * @param empty whether the object has no members yet
 * @param existing the values of existing members with the result's name, in their order
 */
@Internal
public record ResultPlace(int insertAt, boolean empty, List<Range> existing) {
  /** The bytes from {@code start} (inclusive) to {@code end} (exclusive). */
  public record Range(int start, int end) {}

  /**
   * Finds the place after the last member, from the end of the bytes and without a parser: the last
   * brace is that of the object.
   *
   * @param value a JSON object without further bytes, as {@link PairReader#read} has checked
   * @throws IllegalArgumentException if the value does not end with a brace
   */
  static ResultPlace behindLastMember(byte[] value) {
    int brace = skipSpaceBefore(value, value.length) - 1;
    if (brace < 0 || value[brace] != '}') {
      throw new IllegalArgumentException(
          "Cannot find the end of the record's value, it is not a JSON object.");
    }
    int end = skipSpaceBefore(value, brace);
    return new ResultPlace(end, end > 0 && value[end - 1] == '{', List.of());
  }

  /** Returns the offset after the last byte before an offset that is not JSON whitespace. */
  static int skipSpaceBefore(byte[] value, int offset) {
    int end = offset;
    while (end > 0 && isSpace(value[end - 1])) {
      end--;
    }
    return end;
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t' || b == '\n' || b == '\r';
  }

  /**
   * Returns the record with one more member. All other bytes are unchanged. If members of that name
   * exist, their values are replaced instead.
   *
   * @param source the bytes that were read
   * @param name the member's name as JSON, with its quotes
   * @param value the member's value as JSON
   */
  public byte[] splice(byte[] source, byte[] name, byte[] value) {
    byte[] spliced = new byte[Math.toIntExact(length(source, name, value))];
    ByteBuffer out = ByteBuffer.wrap(spliced);
    int copied = 0;
    for (Range range : existing) {
      out.put(source, copied, range.start() - copied);
      out.put(value);
      copied = range.end();
    }
    if (existing.isEmpty()) {
      out.put(source, 0, insertAt);
      if (!empty) {
        out.put((byte) ',');
      }
      out.put(name);
      out.put((byte) ':');
      out.put(value);
      copied = insertAt;
    }
    out.put(source, copied, source.length - copied);
    return spliced;
  }

  /**
   * Returns the number of bytes that the record would have. If the member occurs many times, this
   * is many times the size of the record.
   */
  public long length(byte[] source, byte[] name, byte[] value) {
    if (existing.isEmpty()) {
      return (long) source.length + name.length + value.length + (empty ? 1 : 2);
    }
    long replaced = existing.stream().mapToLong(range -> range.end() - range.start()).sum();
    return source.length - replaced + (long) existing.size() * value.length;
  }
}
