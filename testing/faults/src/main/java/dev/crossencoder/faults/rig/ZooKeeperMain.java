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

/** The main class of a ZooKeeper process. The process ends on SIGTERM. */
@Command(name = "zookeeper", mixinStandardHelpOptions = true)
final class ZooKeeperMain implements Callable<Integer> {
  @Option(names = "--folder", required = true, description = "The data folder.")
  private File folder;

  @Option(names = "--port", required = true, description = "The port for clients.")
  private int port;

  @Option(
      names = "--ready",
      required = true,
      description = "A file to which the port is written when the server serves clients.")
  private Path ready;

  private ZooKeeperMain() {}

  /** Runs a server until the process is ended. */
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
