package dev.crossencoder.cluster;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for servers that may be restarted and must find the same port free. */
public final class ServerPorts {
  private static final int FIRST = 20_000;

  /** The start of the range from which operating systems choose ports for outgoing connections. */
  private static final int END = 32_000;

  private static final int ATTEMPTS = 100;

  private ServerPorts() {}

  /** Returns a free port of the loopback address. */
  public static int free() throws IOException {
    BindException taken = null;
    for (int i = 0; i < ATTEMPTS; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException e) {
        taken = e;
      }
    }
    throw new IOException("There is no free port from %d to %d".formatted(FIRST, END), taken);
  }
}
