package dev.crossencoder.faults.rig;

import dev.crossencoder.cluster.ServerPorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A Kafka broker in a separate JVM, which can be stopped, killed and restarted with the same
 * address and data. Used by one thread.
 */
public final class BrokerProcess implements AutoCloseable {
  private final ServerProcess server;

  private BrokerProcess(ServerProcess server) {
    this.server = server;
  }

  /**
   * Starts a broker, and returns when it serves clients.
   *
   * @param properties broker properties
   */
  public static BrokerProcess start(Path folder, Map<String, String> properties)
      throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.add("--folder=" + folder.resolve("data"));
    arguments.add("--port=" + ServerPorts.free());
    properties.forEach((key, value) -> arguments.add("--broker=" + key + "=" + value));
    return new BrokerProcess(ServerProcess.start(BrokerMain.class, folder, arguments));
  }

  /**
   * Restarts the broker after {@link #stop} or {@link #kill}, and returns when it serves clients.
   */
  public void restart() throws IOException {
    server.restart();
  }

  public String bootstrapServers() {
    return "127.0.0.1:" + server.port();
  }

  /** The process id. */
  public long pid() {
    return server.pid();
  }

  /** Shuts the broker down in order. */
  public void stop() {
    server.stop();
  }

  /** Kills the process with SIGKILL. */
  public void kill() {
    server.kill();
  }

  @Override
  public void close() {
    stop();
  }
}
