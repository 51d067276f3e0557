package dev.crossencoder.faults.rig;

import dev.crossencoder.cluster.ServerPorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A Kafka broker in a JVM of its own, which can be stopped, killed and started again under the same
 * address and with the same data. Used by one thread.
 */
public final class BrokerProcess implements AutoCloseable {
  private final ServerProcess server;

  private BrokerProcess(ServerProcess server) {
    this.server = server;
  }

  /**
   * Starts a broker, and returns when it serves clients.
   *
   * @param properties of the broker
   */
  public static BrokerProcess start(Path folder, Map<String, String> properties)
      throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.add("--folder=" + folder.resolve("data"));
    arguments.add("--port=" + ServerPorts.free());
    properties.forEach((key, value) -> arguments.add("--broker=" + key + "=" + value));
    return new BrokerProcess(ServerProcess.start(BrokerMain.class, folder, arguments));
  }

  /** Starts it again after {@link #stop} or {@link #kill}. */
  public void restart() throws IOException {
    server.restart();
  }

  public String bootstrapServers() {
    return "127.0.0.1:" + server.port();
  }

  /** The id of its process. */
  public long pid() {
    return server.pid();
  }

  /** Stops it in an orderly way. */
  public void stop() {
    server.stop();
  }

  /** Ends it as {@code kill -9} does. */
  public void kill() {
    server.kill();
  }

  @Override
  public void close() {
    stop();
  }
}
