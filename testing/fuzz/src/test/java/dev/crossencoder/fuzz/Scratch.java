package dev.crossencoder.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A folder for the files of one target. Owned by one thread; removed when the process ends. */
public final class Scratch {
  private final Path folder;

  private Scratch(Path folder) {
    this.folder = folder;
  }

  /** Makes an empty folder, in memory where the system has such a place. */
  public static Scratch create() {
    try {
      Path memory = Path.of("/dev/shm");
      Path folder =
          Files.isWritable(memory)
              ? Files.createTempDirectory(memory, "fuzz-")
              : Files.createTempDirectory("fuzz-");
      Scratch scratch = new Scratch(folder);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder), "delete-" + folder));
      return scratch;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot make a folder for files to fuzz", e);
    }
  }

  /** The folder. */
  public Path folder() {
    return folder;
  }

  /** Writes a file of a name with or without folders. */
  public Path write(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  /** Removes a folder of this name with all that is in it, if there is one. */
  public void delete(String name) {
    delete(folder.resolve(name));
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot remove " + folder, e);
    }
  }
}
