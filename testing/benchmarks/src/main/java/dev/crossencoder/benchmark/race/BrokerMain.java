package dev.crossencoder.benchmark.race;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** The main class of the broker's process. It ends on SIGTERM. */
final class BrokerMain {
  private BrokerMain() {}

  /**
   * Runs a broker.
   *
   * @param arguments the data folder, and the file to which the address is written when the broker
   *     serves clients
   */
  public static void main(String[] arguments) throws Exception {
    EmbeddedKafka kafka = EmbeddedKafka.start(Path.of(arguments[0]), Map.of());
    Runtime.getRuntime().addShutdownHook(new Thread(kafka::close, "broker-shutdown"));
    Path ready = Path.of(arguments[1]);
    Path part = ready.resolveSibling("part");
    Files.writeString(part, kafka.bootstrapServers());
    Files.move(part, ready, StandardCopyOption.ATOMIC_MOVE);
    new CountDownLatch(1).await();
  }
}
