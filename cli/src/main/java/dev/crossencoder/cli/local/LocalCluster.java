package dev.crossencoder.cli.local;

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

/** A Flink cluster in this process with a web UI. Jobs are submitted over REST. */
public final class LocalCluster implements AutoCloseable {
  private static final String HOST = "localhost";

  /** The default port of Flink's web UI and the next ones; the first free port is used. */
  private static final String UI_PORTS = "8081-8180";

  /** The default ports of Flink's Prometheus reporter. */
  private static final String METRICS_PORTS = "9249-9348";

  private final MiniCluster cluster;
  private final URI address;
  private final URI metrics;

  private LocalCluster(MiniCluster cluster, URI address, URI metrics) {
    this.cluster = cluster;
    this.address = address;
    this.metrics = metrics;
  }

  /**
   * Starts a cluster.
   *
   * @param slots the number of slots of its one TaskManager
   * @param folder the folder for checkpoints
   */
  public static LocalCluster start(int slots, Path folder) throws Exception {
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
    return new LocalCluster(
        cluster,
        cluster.getRestAddress().get(),
        URI.create("http://%s:%d/metrics".formatted(HOST, metricsPort)));
  }

  /**
   * Finds a free port. The reporter accepts a range, but does not report the port that it chose.
   */
  private static int freePort(String ports) throws IOException {
    try (ServerSocket socket =
        NetUtils.createSocketFromPorts(NetUtils.getPortRangeFromString(ports), ServerSocket::new)) {
      if (socket == null) {
        throw new CommandFailedException(
            "No port of %s is free for the metrics. End a program that uses one of them."
                .formatted(ports));
      }
      return socket.getLocalPort();
    }
  }

  /** Returns the URL of the web UI. */
  public URI address() {
    return address;
  }

  /** Returns the URL at which Prometheus can scrape the metrics. */
  public URI metrics() {
    return metrics;
  }

  /** Returns an environment that submits jobs as a client of a remote cluster does. */
  public StreamExecutionEnvironment environment() {
    return StreamExecutionEnvironment.createRemoteEnvironment(HOST, address.getPort());
  }

  /** Returns whether all tasks of a job are running and have loaded their models. */
  public boolean isRunning(JobID job) throws ExecutionException, InterruptedException {
    for (AccessExecutionVertex task :
        cluster.getExecutionGraph(job).get().getAllExecutionVertices()) {
      if (task.getExecutionState() != ExecutionState.RUNNING) {
        return false;
      }
    }
    return true;
  }

  /** Stops the cluster. Waits for at most 30 seconds. */
  @Override
  public void close() {
    cluster.closeAsync().completeOnTimeout(null, 30, TimeUnit.SECONDS).join();
  }
}
