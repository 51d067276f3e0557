package dev.crossencoder.kafka;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The properties of a single broker that is its own controller, for small machines. */
final class BrokerSettings {
  static final int NODE_ID = 1;
  static final String HOST = "127.0.0.1";

  /** The listener of the controller, PLAINTEXT, for the broker only. */
  static final String CONTROLLER = "CONTROLLER";

  /**
   * The listener for the broker's own clients, PLAINTEXT. Therefore overrides can secure the
   * clients' listener without inter-broker settings.
   */
  static final String INTERNAL = "INTERNAL";

  private static final Set<String> NOT_TO_OVERRIDE =
      Set.of(
          "process.roles",
          "node.id",
          "broker.id",
          "controller.listener.names",
          "controller.quorum.voters",
          "controller.quorum.bootstrap.servers",
          "log.dir",
          "log.dirs",
          "metadata.log.dir");

  private BrokerSettings() {}

  /**
   * Returns the broker's properties. Listeners in the overrides are those for clients; the broker's
   * own listeners are added.
   *
   * @param port the port of the clients' listener, 0 for a free one; ignored if the overrides have
   *     listeners
   */
  static Map<String, String> of(
      Path dataFolder, int port, int controllerPort, Map<String, String> overrides) {
    Map<String, String> settings = forOneSmallBroker();
    settings.put("listeners", "PLAINTEXT://" + HOST + ":" + port);
    settings.put(
        "listener.security.protocol.map",
        "PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL");
    settings.put("inter.broker.listener.name", INTERNAL);

    settings.putAll(overrides);

    settings.merge("listeners", "INTERNAL://" + HOST + ":0", BrokerSettings::listed);
    settings.merge(
        "listeners", "CONTROLLER://" + HOST + ":" + controllerPort, BrokerSettings::listed);
    settings.merge(
        "listener.security.protocol.map",
        "INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
        BrokerSettings::listed);
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", String.valueOf(NODE_ID));
    settings.put("controller.listener.names", CONTROLLER);
    settings.put("controller.quorum.voters", NODE_ID + "@" + HOST + ":" + controllerPort);
    settings.put("log.dirs", dataFolder.toString());
    return settings;
  }

  private static Map<String, String> forOneSmallBroker() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("auto.create.topics.enable", "false");
    settings.put("group.initial.rebalance.delay.ms", "0");

    settings.put("default.replication.factor", "1");
    settings.put("min.insync.replicas", "1");
    for (String topic :
        List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
      settings.put(topic + ".replication.factor", "1");
      settings.put(topic + ".num.partitions", "4");
    }
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");

    // By default a record with an old timestamp is deleted minutes after it was written.
    settings.put("log.retention.ms", "-1");
    // Kafka's default allocates 128 MiB of heap at the start.
    settings.put("log.cleaner.dedupe.buffer.size", String.valueOf(2 << 20));

    settings.put("num.network.threads", "2");
    settings.put("num.io.threads", "4");
    settings.put("background.threads", "4");
    settings.put("group.coordinator.threads", "1");

    settings.put("server.max.startup.time.ms", "60000");
    // Two brokers in one JVM would register the same names in JMX.
    settings.put("metric.reporters", "");
    return settings;
  }

  private static String listed(String first, String second) {
    return first + "," + second;
  }

  /**
   * Checks port and overrides.
   *
   * @throws IllegalArgumentException if one cannot be used
   */
  static void check(int port, Map<String, String> overrides) {
    for (String key : overrides.keySet()) {
      if (NOT_TO_OVERRIDE.contains(key)) {
        throw new IllegalArgumentException(
            "Invalid broker override: " + key + ". EmbeddedKafka sets it itself.");
      }
    }
    String listeners = overrides.get("listeners");
    if (listeners != null && port != 0) {
      throw new IllegalArgumentException(
          "Invalid port: " + port + ". Write it into the override of listeners: " + listeners);
    }
  }
}
