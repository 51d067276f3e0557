package dev.crossencoder.job.record;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * Where a result belongs in the bytes of a record.
 *
 * @param insertAt the offset at which one more member can be inserted
 * @param empty whether the object has no members yet
 * @param existing where the values of members with the result's name are, in their order
 */
@Internal
public record ResultPlace(int insertAt, boolean empty, List<Range> existing) {
  /** Bytes from {@code start} to before {@code end}. */
  public record Range(int start, int end) {}

  /**
   * Finds the place behind the last member from the end of the bytes, which takes no parser: the
   * last brace is the object's.
   *
   * @param value a JSON object and nothing behind it, as {@link PairReader#read} has checked
   * @throws IllegalArgumentException if the value does not end with a brace
   */
  static ResultPlace behindLastMember(byte[] value) {
    int brace = skipSpaceBefore(value, value.length) - 1;
    if (brace < 0 || value[brace] != '}') {
      throw new IllegalArgumentException(
          "Cannot find the end of the record's value, it is no JSON object.");
    }
    int end = skipSpaceBefore(value, brace);
    return new ResultPlace(end, end > 0 && value[end - 1] == '{', List.of());
  }

  /** Returns the offset behind the last byte before an offset that is no white space of JSON. */
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
   * Returns the record with one more member; every other byte stays as it is. Where members of that
   * name exist, their values are replaced instead.
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
   * Returns how many bytes the record would have. A member that is there many times makes that a
   * multiple of the record.
   */
  public long length(byte[] source, byte[] name, byte[] value) {
    if (existing.isEmpty()) {
      return (long) source.length + name.length + value.length + (empty ? 1 : 2);
    }
    long replaced = existing.stream().mapToLong(range -> range.end() - range.start()).sum();
    return source.length - replaced + (long) existing.size() * value.length;
  }
}
