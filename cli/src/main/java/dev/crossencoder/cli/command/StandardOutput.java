package dev.crossencoder.cli.command;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;

/**
 * Standard output as a stream that throws an exception if writing fails, unlike {@link System#out}.
 * If the reader of a pipe has closed it, as {@code head} does, the exception is a {@link
 * ReaderGoneException}.
 */
public final class StandardOutput extends FilterOutputStream {
  private StandardOutput(OutputStream out) {
    super(out);
  }

  /** The reader of the pipe has closed it. */
  public static final class ReaderGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    private ReaderGoneException(IOException cause) {
      super("Nobody reads standard output any more", cause);
    }
  }

  public static OutputStream open() {
    return new StandardOutput(new FileOutputStream(FileDescriptor.out));
  }

  /** Returns the same for another stream; for tests. */
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

  /**
   * Java has no exception type for a closed pipe. The messages of operating systems are "Broken
   * pipe", "The pipe is being closed" and "Pipe closed".
   */
  private static IOException translate(IOException e) {
    boolean gone = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("pipe");
    return gone ? new ReaderGoneException(e) : e;
  }
}
