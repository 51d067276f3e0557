package dev.crossencoder.kafka;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.FaultHandlerFactory;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.SharedServer;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.network.SocketServerConfigs;
import org.apache.kafka.server.ServerSocketFactory;
import org.apache.kafka.server.fault.LoggingFaultHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Broker and controller in one process, created like in {@link KafkaRaftServer}, except that the
 * controller's socket is bound before and faults are only logged.
 */
final class RaftNode {
  private static final Logger LOG = LoggerFactory.getLogger(RaftNode.class);
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final Duration CONTROLLED_SHUTDOWN = Duration.ofSeconds(10);

  private final ControllerServer controller;
  private final BrokerServer broker;
  private final Endpoint clientListener;

  private RaftNode(KafkaConfig config, ServerSocketChannel controllerSocket) {
    var storage = KafkaRaftServer.initializeLogDirs(config, LOG, "");
    FaultHandlerFactory faults = (name, fatal, action) -> new LoggingFaultHandler(name, action);
    ServerSocketFactory sockets =
        (listener, address, backlog, receiveBuffer) ->
            listener.equals(BrokerSettings.CONTROLLER)
                ? controllerSocket
                : ServerSocketFactory.INSTANCE.openServerSocket(
                    listener, address, backlog, receiveBuffer);
    SharedServer shared =
        new SharedServer(
            config,
            storage._1(),
            Time.SYSTEM,
            new Metrics(),
            CompletableFuture.completedFuture(
                Map.of(BrokerSettings.NODE_ID, addressOf(controllerSocket))),
            List.of(),
            faults,
            sockets);
    controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), storage._2());
    broker = new BrokerServer(shared);
    clientListener =
        SocketServerConfigs.listenerListToEndPoints(
                config.getList(SocketServerConfigs.LISTENERS_CONFIG),
                config.effectiveListenerSecurityProtocolMap())
            .get(0);
  }

  /** Starts a node, and returns when it serves clients. Formats a new folder first. */
  static RaftNode start(Path dataFolder, int port, Map<String, String> overrides) throws Exception {
    ServerSocketChannel controllerSocket = bindToFreePort();
    try {
      Map<String, String> settings =
          BrokerSettings.of(dataFolder, port, addressOf(controllerSocket).getPort(), overrides);
      KafkaConfig config = new KafkaConfig(settings, false);
      formatIfNew(dataFolder);
      RaftNode node = new RaftNode(config, controllerSocket);
      node.startOrStop();
      return node;
    } catch (Throwable t) {
      controllerSocket.close();
      throw t;
    }
  }

  /** Returns the first listener for clients. Its port may be 0, see {@link #boundPort}. */
  Endpoint clientListener() {
    return clientListener;
  }

  int boundPort(String listener) {
    return broker.boundPort(ListenerName.normalised(listener));
  }

  /** Stops the broker, which needs the controller for its shutdown, and then the controller. */
  void stop() {
    try {
      broker.shutdown(CONTROLLED_SHUTDOWN);
    } finally {
      controller.shutdown();
    }
  }

  private void startOrStop() {
    try {
      controller.startup();
      broker.startup();
    } catch (Throwable t) {
      try {
        stop();
      } catch (Throwable alsoFailed) {
        t.addSuppressed(alsoFailed);
      }
      throw t;
    }
  }

  private static ServerSocketChannel bindToFreePort() throws IOException {
    ServerSocketChannel socket = ServerSocketChannel.open();
    socket.configureBlocking(false);
    return socket.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), 0));
  }

  private static InetSocketAddress addressOf(ServerSocketChannel socket) {
    return (InetSocketAddress) socket.socket().getLocalSocketAddress();
  }

  private static void formatIfNew(Path dataFolder) throws Exception {
    if (Files.exists(dataFolder.resolve(MetaPropertiesEnsemble.META_PROPERTIES_NAME))) {
      return;
    }
    new Formatter()
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .setNodeId(BrokerSettings.NODE_ID)
        .setClusterId(Uuid.randomUuid().toString())
        .setControllerListenerName(BrokerSettings.CONTROLLER)
        .setMetadataLogDirectory(dataFolder.toString())
        .addDirectory(dataFolder.toString())
        .run();
  }
}
