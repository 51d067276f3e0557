package dev.crossencoder.job.record;

import dev.crossencoder.model.TextPair;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * What {@link PairReader} found in a record: the texts, and where a result belongs.
 *
 * @param pair the two texts
 * @param insertAt the offset at which one more member can be inserted
 * @param empty whether the object has no members yet
 * @param existing where the values of members with the result's name are, in their order
 */
@Internal
public record PairRecord(TextPair pair, int insertAt, boolean empty, List<Range> existing) {
  /** Bytes from {@code start} to before {@code end}. */
  public record Range(int start, int end) {}

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
