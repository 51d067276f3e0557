package dev.crossencoder.model.hub;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;

/**
 * A response body whose length the header gives. If the body ends earlier, reading throws {@link
 * EOFException}; the JDK's stream would report a normal end.
 */
final class PromisedBody extends InputStream {
  private final InputStream in;
  private final OptionalLong promised;
  private long count;

  PromisedBody(InputStream in, OptionalLong promised) {
    this.in = in;
    this.promised = promised;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int wanted = length;
    if (promised.isPresent()) {
      long left = promised.getAsLong() - count;
      if (left == 0) {
        return -1;
      }
      wanted = (int) Math.min(left, length);
    }
    int n = in.read(buffer, offset, wanted);
    if (n < 0 && promised.isPresent()) {
      throw new EOFException(
          "the answer ended after %d of %d bytes".formatted(count, promised.getAsLong()));
    }
    count += Math.max(n, 0);
    return n;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
