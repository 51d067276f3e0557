package dev.crossencoder.benchmark.race;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** The Kafka broker of all contenders, in a JVM of its own. Used by one thread. */
final class Broker implements AutoCloseable {
  static final int PARTITIONS = 2;

  private static final int START_SECONDS = 60;

  private final ChildProcess process;
  private final String bootstrapServers;
  private final Admin admin;

  private Broker(ChildProcess process, String bootstrapServers) {
    this.process = process;
    this.bootstrapServers = bootstrapServers;
    this.admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
  }

  /** Starts a broker, and returns when it serves clients. */
  static Broker start(Path folder) throws IOException, InterruptedException {
    Path ready = folder.resolve("ready");
    Files.deleteIfExists(ready);
    ChildProcess process =
        ChildProcess.start(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                BrokerMain.class.getName(),
                folder.resolve("data").toString(),
                ready.toString()),
            Map.of(),
            folder.resolve("broker.log"));
    for (int i = 0; i < 10 * START_SECONDS && process.isAlive(); i++) {
      if (Files.exists(ready)) {
        return new Broker(process, Files.readString(ready));
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    process.close();
    throw new IOException("Cannot start the broker:\n" + process.tail());
  }

  String bootstrapServers() {
    return bootstrapServers;
  }

  /**
   * Creates the topics of a job, and returns when all partitions have leaders. The time of an
   * output is that at which the broker appends it.
   */
  void create(RaceTopics topics) throws InterruptedException {
    Map<String, String> append = Map.of("message.timestamp.type", "LogAppendTime");
    List<NewTopic> all =
        List.of(
            new NewTopic(topics.input(), PARTITIONS, (short) 1),
            new NewTopic(topics.output(), PARTITIONS, (short) 1).configs(append),
            new NewTopic(topics.deadLetters(), PARTITIONS, (short) 1));
    try {
      admin.createTopics(all).all().get();
      for (int attempt = 0; ; attempt++) {
        try {
          admin
              .listOffsets(
                  Map.of(
                      new TopicPartition(topics.input(), PARTITIONS - 1), OffsetSpec.latest(),
                      new TopicPartition(topics.output(), PARTITIONS - 1), OffsetSpec.latest(),
                      new TopicPartition(topics.deadLetters(), PARTITIONS - 1),
                          OffsetSpec.latest()))
              .all()
              .get();
          return;
        } catch (ExecutionException e) {
          if (attempt == 100) {
            throw e;
          }
          TimeUnit.MILLISECONDS.sleep(50);
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot create the topics " + topics, e.getCause());
    }
  }

  @Override
  public void close() {
    admin.close();
    process.close();
  }
}
