package dev.crossencoder.cli.demo;

import dev.crossencoder.cli.command.CommandFailedException;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.NetUtils;

/** A Flink cluster in this process, with its web UI, to which jobs are submitted over REST. */
final class DemoCluster implements AutoCloseable {
  private static final String HOST = "localhost";

  /** The usual port of Flink's UI if it is free, else one of the next. */
  private static final String UI_PORTS = "8081-8180";

  /** The usual ports of Flink's reporter for Prometheus. */
  private static final String METRICS_PORTS = "9249-9348";

  private final MiniCluster cluster;
  private final URI address;
  private final URI metrics;

  private DemoCluster(MiniCluster cluster, URI address, URI metrics) {
    this.cluster = cluster;
    this.address = address;
    this.metrics = metrics;
  }

  /**
   * Starts a cluster.
   *
   * @param slots the slots of its one TaskManager
   * @param folder where checkpoints go
   */
  static DemoCluster start(int slots, Path folder) throws Exception {
    int metricsPort = freePort(METRICS_PORTS);
    Configuration configuration = new Configuration();
    configuration.setString(
        "metrics.reporter.prometheus.factory.class",
        "org.apache.flink.metrics.prometheus.PrometheusReporterFactory");
    configuration.setString("metrics.reporter.prometheus.port", String.valueOf(metricsPort));
    configuration.set(RestOptions.ADDRESS, HOST);
    configuration.set(RestOptions.BIND_ADDRESS, HOST);
    configuration.set(RestOptions.BIND_PORT, UI_PORTS);
    configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, slots);
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));
    configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(64));
    configuration.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY,
        folder.resolve("checkpoints").toUri().toString());
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofSeconds(1));
    MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(slots)
                .build());
    cluster.start();
    return new DemoCluster(
        cluster,
        cluster.getRestAddress().get(),
        URI.create("http://%s:%d/metrics".formatted(HOST, metricsPort)));
  }

  /** The reporter takes a range too, but does not say which port it has chosen. */
  private static int freePort(String ports) throws IOException {
    try (ServerSocket socket =
        NetUtils.createSocketFromPorts(NetUtils.getPortRangeFromString(ports), ServerSocket::new)) {
      if (socket == null) {
        throw new CommandFailedException(
            "No port of %s is free for the metrics. End a program that has one.".formatted(ports));
      }
      return socket.getLocalPort();
    }
  }

  /** Where the web UI is. */
  URI address() {
    return address;
  }

  /** Where Prometheus can scrape the metrics of all of Flink. */
  URI metrics() {
    return metrics;
  }

  /** Where jobs are submitted, as a client of a remote cluster does it. */
  StreamExecutionEnvironment environment() {
    return StreamExecutionEnvironment.createRemoteEnvironment(HOST, address.getPort());
  }

  /** Whether every task of a job runs, its model loaded; false before and after that. */
  boolean isRunning(JobID job) throws ExecutionException, InterruptedException {
    for (AccessExecutionVertex task :
        cluster.getExecutionGraph(job).get().getAllExecutionVertices()) {
      if (task.getExecutionState() != ExecutionState.RUNNING) {
        return false;
      }
    }
    return true;
  }

  /** Stops the cluster; gives up waiting after half a minute. */
  @Override
  public void close() {
    cluster.closeAsync().completeOnTimeout(null, 30, TimeUnit.SECONDS).join();
  }
}
