package dev.crossencoder.fuzz;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.compiler.tensor.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** A file of weights: each tensor of one that is accepted can be read, to its last byte. */
public final class SafetensorsFuzz {
  private static final Scratch SCRATCH = Scratch.create();

  private SafetensorsFuzz() {}

  /** Files of tiny checkpoints. */
  public static List<byte[]> seeds() throws IOException {
    return List.of(
        TinyFiles.read("bert/model.safetensors"),
        TinyFiles.read("modernbert-modules/4_Dense/model.safetensors"));
  }

  /** Tries a file. */
  public static boolean accepts(byte[] input) throws IOException {
    Path path = SCRATCH.write("model.safetensors", input);
    return Bounds.check(input.length, InvalidModelException.class, () -> readAll(path, input));
  }

  private static void readAll(Path path, byte[] input) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      long bytes = 0;
      for (String name : file.names()) {
        SafetensorsFile.Entry entry = file.entry(name);
        ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(entry.end() - entry.begin()));
        file.readFully(entry, 0, content);
        bytes += content.limit();
      }
      Bounds.require(bytes < input.length, "%d bytes of tensors are in the file", bytes);
    }
  }
}
