package dev.crossencoder.cli.command;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;

/**
 * Standard output as a stream that says when it cannot be written to, which {@link System#out} does
 * not. Where the reader has gone, as {@code head} does once it has its lines, that is a {@link
 * ReaderGoneException}.
 */
public final class StandardOutput extends FilterOutputStream {
  private StandardOutput(OutputStream out) {
    super(out);
  }

  /** Nobody reads what is written any more. */
  public static final class ReaderGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    private ReaderGoneException(IOException cause) {
      super("Nobody reads standard output any more", cause);
    }
  }

  public static OutputStream open() {
    return new StandardOutput(new FileOutputStream(FileDescriptor.out));
  }

  /** For tests: the same on another stream. */
  static OutputStream on(OutputStream out) {
    return new StandardOutput(out);
  }

  @Override
  public void write(int b) throws IOException {
    try {
      out.write(b);
    } catch (IOException e) {
      throw translate(e);
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw translate(e);
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw translate(e);
    }
  }

  /** Java has no class for it: "Broken pipe", "The pipe is being closed", "Pipe closed". */
  private static IOException translate(IOException e) {
    boolean gone = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("pipe");
    return gone ? new ReaderGoneException(e) : e;
  }
}
