package dev.crossencoder.faults.rig;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.apache.curator.test.TestingServer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A ZooKeeper server in a JVM of its own. Ends when it is asked to, as {@code kill} does. */
@Command(name = "zookeeper", mixinStandardHelpOptions = true)
final class ZooKeeperMain implements Callable<Integer> {
  @Option(names = "--folder", required = true, description = "Where its data is.")
  private File folder;

  @Option(names = "--port", required = true, description = "Where clients connect.")
  private int port;

  @Option(
      names = "--ready",
      required = true,
      description = "A file to write its port to when it serves clients.")
  private Path ready;

  private ZooKeeperMain() {}

  /** Runs a server until the process ends. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new ZooKeeperMain()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    try (TestingServer server = new TestingServer(port, folder, true)) {
      Files.writeString(ready, String.valueOf(server.getPort()));
      new CountDownLatch(1).await();
    }
    return 0;
  }
}
