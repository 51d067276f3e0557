package dev.crossencoder.faults;

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
final class BrokerProcess implements AutoCloseable {
  private final Path folder;
  private final Map<String, String> properties;
  private ServerProcess server;

  private BrokerProcess(Path folder, Map<String, String> properties, ServerProcess server) {
    this.folder = folder;
    this.properties = properties;
    this.server = server;
  }

  /**
   * Starts a broker, and returns when it serves clients.
   *
   * @param properties of the broker
   */
  static BrokerProcess start(Path folder, Map<String, String> properties) throws IOException {
    return new BrokerProcess(folder, properties, server(folder, ServerPorts.free(), properties));
  }

  private static ServerProcess server(Path folder, int port, Map<String, String> properties)
      throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.add("--folder=" + folder.resolve("data"));
    arguments.add("--port=" + port);
    properties.forEach((key, value) -> arguments.add("--broker=" + key + "=" + value));
    return ServerProcess.start(BrokerMain.class, folder, arguments);
  }

  /** Starts it again after {@link #stop} or {@link #kill}. */
  void restart() throws IOException {
    server = server(folder, server.port(), properties);
  }

  String bootstrapServers() {
    return "127.0.0.1:" + server.port();
  }

  /** The id of its process. */
  long pid() {
    return server.pid();
  }

  /** Stops it in an orderly way. */
  void stop() {
    server.stop();
  }

  /** Ends it as {@code kill -9} does. */
  void kill() {
    server.kill();
  }

  @Override
  public void close() {
    stop();
  }
}
