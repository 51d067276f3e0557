package dev.crossencoder.model.io;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** Lists, creates and deletes folders. */
public final class Folders {
  private Folders() {}

  /** Returns the paths of all files in a folder and its subfolders, relative to it, sorted. */
  public static List<String> fileNames(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  /** Writes the files of a folder. */
  @FunctionalInterface
  public interface Writer {
    void write(Path folder) throws IOException;
  }

  /**
   * Creates the folder of a bundle with its files, all at once: nobody sees a part of it, and
   * nothing is left behind if it fails.
   *
   * @throws FileAlreadyExistsException if the folder exists
   */
  public static void createBundle(Path folder, Writer writer) throws IOException {
    if (Files.exists(folder)) {
      throw new FileAlreadyExistsException(
          folder.toString(), null, "a bundle is never overwritten, remove it first");
    }
    Path parent = folder.toAbsolutePath().getParent();
    Files.createDirectories(parent);
    // Not the JDK's createTempDirectory: only its owner could read the bundle.
    Path temporary = Files.createDirectory(parent.resolve(".building-" + UUID.randomUUID()));
    try {
      writer.write(temporary);
      Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      deleteIfExists(temporary);
    }
  }

  /** Deletes a folder with its content. Symbolic links are deleted, not followed. */
  public static void deleteIfExists(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
