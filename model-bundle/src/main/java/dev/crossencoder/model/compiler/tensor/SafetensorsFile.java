package dev.crossencoder.model.compiler.tensor;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.io.JsonFiles;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A file of named tensors in the safetensors format: eight bytes with the length of the header, a
 * JSON header, and the bytes of all tensors. {@link #open} checks the whole header against the size
 * of the file. After that no read can leave the file, and a wrong length cannot cause a large
 * allocation.
 *
 * <p>Format: <a href="https://github.com/huggingface/safetensors#format">safetensors</a>.
 */
public final class SafetensorsFile implements AutoCloseable {
  /** The limit of the format. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private static final int MAX_RANK = 8;
  private static final int LENGTH_BYTES = 8;

  private final Path path;
  private final FileChannel channel;
  private final long dataStart;
  private final Map<String, Entry> entries;

  /** A tensor's description. {@code begin} and {@code end} are byte offsets after the header. */
  public record Entry(String dtype, List<Integer> shape, long begin, long end) {}

  private SafetensorsFile(
      Path path, FileChannel channel, long dataStart, Map<String, Entry> entries) {
    this.path = path;
    this.channel = channel;
    this.dataStart = dataStart;
    this.entries = entries;
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws InvalidModelException if the header does not fit the format or the size of the file
   */
  public static SafetensorsFile open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      long size = channel.size();
      if (size < LENGTH_BYTES) {
        throw invalid(path, "it has %d bytes, fewer than the header's length takes", size);
      }
      ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      readFully(channel, path, 0, length);
      long headerBytes = length.getLong();
      if (headerBytes < 2 || headerBytes > Math.min(size - LENGTH_BYTES, MAX_HEADER_BYTES)) {
        throw invalid(
            path,
            "its header claims %s bytes, the file has %d after the length and the format allows %d",
            Long.toUnsignedString(headerBytes),
            size - LENGTH_BYTES,
            MAX_HEADER_BYTES);
      }
      byte[] header = new byte[(int) headerBytes];
      readFully(channel, path, LENGTH_BYTES, ByteBuffer.wrap(header));
      long dataStart = LENGTH_BYTES + headerBytes;
      Map<String, Entry> entries = parseHeader(path, header);
      checkLayout(path, entries, size - dataStart);
      return new SafetensorsFile(path, channel, dataStart, entries);
    } catch (Throwable t) {
      channel.close();
      throw t;
    }
  }

  /** The names of all tensors, in the order of the header. */
  public Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  Path path() {
    return path;
  }

  public Entry entry(String name) {
    return entries.get(name);
  }

  /** Fills a buffer with bytes of a tensor from an offset on, and flips it. */
  public void readFully(Entry entry, long offset, ByteBuffer target) throws IOException {
    readFully(channel, path, dataStart + entry.begin() + offset, target);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static Map<String, Entry> parseHeader(Path path, byte[] header) {
    JsonNode root = JsonFiles.parseObject(path, header);
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (!field.getKey().equals("__metadata__")) {
        entries.put(field.getKey(), parseEntry(path, field.getKey(), field.getValue()));
      }
    }
    return entries;
  }

  private static Entry parseEntry(Path path, String name, JsonNode node) {
    JsonNode dtype = node.path("dtype");
    JsonNode shape = node.path("shape");
    JsonNode offsets = node.path("data_offsets");
    if (!dtype.isTextual() || !shape.isArray() || !offsets.isArray() || offsets.size() != 2) {
      throw invalid(path, "tensor %s lacks dtype, shape or the two data_offsets", name);
    }
    if (shape.size() > MAX_RANK) {
      throw invalid(
          path,
          "tensor %s has %d dimensions, at most %d are supported",
          name,
          shape.size(),
          MAX_RANK);
    }
    List<Integer> dimensions = new ArrayList<>();
    for (JsonNode dimension : shape) {
      if (!dimension.isInt() || dimension.intValue() < 0) {
        throw invalid(path, "tensor %s has the dimension %s", name, dimension);
      }
      dimensions.add(dimension.intValue());
    }
    if (!offsets.get(0).canConvertToLong()
        || !offsets.get(1).canConvertToLong()
        || !offsets.get(0).isIntegralNumber()
        || !offsets.get(1).isIntegralNumber()) {
      throw invalid(path, "tensor %s has the data_offsets %s", name, offsets);
    }
    return new Entry(
        dtype.textValue(), dimensions, offsets.get(0).longValue(), offsets.get(1).longValue());
  }

  /**
   * Tensors must fill the data without gaps or overlaps, and have the size that follows from shape.
   */
  private static void checkLayout(Path path, Map<String, Entry> entries, long dataBytes) {
    List<Map.Entry<String, Entry>> sorted = new ArrayList<>(entries.entrySet());
    sorted.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> named) -> named.getValue().begin())
            .thenComparingLong(named -> named.getValue().end()));
    long position = 0;
    for (Map.Entry<String, Entry> named : sorted) {
      Entry entry = named.getValue();
      if (entry.begin() != position || entry.end() < entry.begin() || entry.end() > dataBytes) {
        throw invalid(
            path,
            "tensor %s claims bytes %d to %d, expected a start at %d and an end by %d",
            named.getKey(),
            entry.begin(),
            entry.end(),
            position,
            dataBytes);
      }
      position = entry.end();
      TensorType.find(entry.dtype())
          .ifPresent(type -> checkLength(path, named.getKey(), entry, type));
    }
    if (position != dataBytes) {
      throw invalid(
          path, "its tensors end at byte %d of the data, which has %d bytes", position, dataBytes);
    }
  }

  private static void checkLength(Path path, String name, Entry entry, TensorType type) {
    long expected = type.bytes();
    try {
      for (int dimension : entry.shape()) {
        expected = Math.multiplyExact(expected, dimension);
      }
    } catch (ArithmeticException e) {
      throw invalid(path, "tensor %s of shape %s is too large", name, entry.shape());
    }
    if (entry.end() - entry.begin() != expected) {
      throw invalid(
          path,
          "tensor %s of shape %s and type %s needs %d bytes, its data_offsets span %d",
          name,
          entry.shape(),
          type,
          expected,
          entry.end() - entry.begin());
    }
  }

  private static void readFully(FileChannel channel, Path path, long position, ByteBuffer target)
      throws IOException {
    long next = position;
    while (target.hasRemaining()) {
      int read = channel.read(target, next);
      if (read < 0) {
        throw new EOFException("Cannot read %s, it ends at byte %d".formatted(path, next));
      }
      next += read;
    }
    target.flip();
  }

  private static InvalidModelException invalid(Path path, String reason, Object... values) {
    return new InvalidModelException(
        "Cannot read %s, %s.".formatted(path, String.format(reason, values)));
  }
}
