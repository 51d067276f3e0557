package dev.crossencoder.faults.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A fault that is due in the forward passes of a pair.
 *
 * @param file the file that exists after the fault has occurred, for faults that occur once
 */
record Mark(Fault fault, Path file) {
  static Mark of(Fault fault, TextPair pair, Path folder) {
    return new Mark(fault, folder.resolve(fault.word() + "-" + digest(pair)));
  }

  private static String digest(TextPair pair) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(pair.text().getBytes(UTF_8));
      digest.update((byte) 0);
      return HexFormat.of().formatHex(digest.digest(pair.textPair().getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Each JVM has SHA-256", e);
    }
  }

  /**
   * Returns whether the fault must occur now. For a fault that occurs once, only one call in all
   * threads and JVMs returns true.
   */
  boolean claim() {
    if (!fault.once()) {
      return true;
    }
    try {
      Files.createDirectories(file.getParent());
      Files.createFile(file);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot create " + file, e);
    }
  }
}
