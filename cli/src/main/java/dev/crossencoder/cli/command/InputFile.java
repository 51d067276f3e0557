package dev.crossencoder.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.commons.io.input.CloseShieldInputStream;

/** The files that commands read, by the names that users give to them. */
public final class InputFile {
  /** The name of standard input. */
  public static final String STANDARD_INPUT = "-";

  private InputFile() {}

  /** Opens a file. Closing the stream does not close standard input. */
  public static InputStream open(String file) throws IOException {
    return file.equals(STANDARD_INPUT)
        ? CloseShieldInputStream.wrap(System.in)
        : Files.newInputStream(Path.of(file));
  }

  /** Returns how messages call a file. */
  public static String name(String file) {
    return file.equals(STANDARD_INPUT) ? "standard input" : file;
  }

  /** Returns what follows the last dot of a name, in lower case; without a dot, the whole name. */
  public static String extension(String file) {
    return file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
