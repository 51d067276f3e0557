package dev.crossencoder.bundle;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * A checkpoint's weights by their Hugging Face names, as float32, each checked when it is asked
 * for.
 */
final class CheckpointTensors {
  private static final int CHUNK_ELEMENTS = 1 << 15;

  private final SafetensorsFile file;

  CheckpointTensors(SafetensorsFile file) {
    this.file = file;
  }

  /**
   * Returns a weight, which stays readable while the file is open.
   *
   * @throws InvalidModelException if it is missing, of a type that is not known, or of another
   *     shape than the configuration says
   */
  TensorData float32(String name, Integer... shape) {
    SafetensorsFile.Entry entry = file.entry(name);
    if (entry == null) {
      throw new InvalidModelException(
          "Cannot find tensor %s in %s, which has %d tensors. A cross-encoder needs a checkpoint saved with its trained classification head (…ForSequenceClassification)."
              .formatted(name, file.path(), file.names().size()));
    }
    TensorType type =
        TensorType.find(entry.dtype())
            .orElseThrow(
                () ->
                    new InvalidModelException(
                        "Cannot read tensor %s of %s, its type is %s. Weights may be %s."
                            .formatted(
                                name,
                                file.path(),
                                entry.dtype(),
                                Arrays.toString(TensorType.values()))));
    if (!entry.shape().equals(List.of(shape))) {
      throw new InvalidModelException(
          "Cannot use tensor %s of %s, its shape is %s, but config.json calls for %s."
              .formatted(name, file.path(), entry.shape(), Arrays.toString(shape)));
    }
    return new FileTensor(file, entry, type);
  }

  private record FileTensor(SafetensorsFile file, SafetensorsFile.Entry entry, TensorType type)
      implements TensorData {
    @Override
    public List<Integer> shape() {
      return entry.shape();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
      ByteBuffer source =
          ByteBuffer.allocate(CHUNK_ELEMENTS * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      ByteBuffer target =
          ByteBuffer.allocate(CHUNK_ELEMENTS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      long length = entry.end() - entry.begin();
      for (long offset = 0; offset < length; offset += source.capacity()) {
        source.clear().limit((int) Math.min(source.capacity(), length - offset));
        file.readFully(entry, offset, source);
        target.clear();
        while (source.hasRemaining()) {
          target.putFloat(type.read(source));
        }
        out.write(target.array(), 0, target.position());
      }
    }
  }
}
