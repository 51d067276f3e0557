package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The metrics of two sinks in one chain do not stand in each other's way. */
@Timeout(120)
class MetricNamesITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setConfiguration(
                  Configuration.fromMap(
                      Map.of("metrics.reporter.names.factory.class", Names.class.getName())))
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(2)
              .build());

  @TempDir static Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"exactly-once", "at-least-once"})
  void noMetricOfASinkIsLost(String delivery) throws Exception {
    Names.ADDED.clear();
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve(delivery));
        LoggedLines warnings = LoggedLines.warnings("org.apache.flink.metrics.MetricGroup")) {
      TestJobs jobs = new TestJobs(kafka);
      jobs.createTopics("pairs", 2);
      jobs.topics().send(TestRecords.mixed("pairs", 0, 40));

      jobs.runToEnd("pairs", Map.of("delivery", delivery));

      // Flink's own committer and source warn too; what they register twice is the same.
      assertThat(warnings.lines()).noneMatch(line -> line.contains(": Writer"));
    }
    Set<String> results = Names.of(scored("pairs"));
    assertThat(results)
        .contains(
            "KafkaProducer.record-send-total",
            "KafkaProducer.outgoing-byte-total",
            "currentSendTime",
            "numRecordsOut",
            "numRecordsOutErrors");
    assertThat(Names.of(dead("pairs"))).isEqualTo(results);
  }

  /** Notes the names of all metrics by their operators. */
  public static final class Names implements MetricReporter, MetricReporterFactory {
    private static final Map<String, Set<String>> ADDED = new ConcurrentHashMap<>();

    /** The names of the metrics of a topic's writer. */
    static Set<String> of(String topic) {
      return ADDED.entrySet().stream()
          .filter(operator -> operator.getKey().equals(topic + ": Writer"))
          .flatMap(operator -> operator.getValue().stream())
          .collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public MetricReporter createMetricReporter(Properties properties) {
      return this;
    }

    @Override
    public void open(MetricConfig config) {}

    @Override
    public void close() {}

    @Override
    public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
      String operator = group.getAllVariables().get("<operator_name>");
      if (operator != null) {
        String identifier = group.getMetricIdentifier(name);
        int kafka = identifier.indexOf("KafkaProducer.");
        ADDED
            .computeIfAbsent(operator, key -> ConcurrentHashMap.newKeySet())
            .add(kafka < 0 ? name : identifier.substring(kafka));
      }
    }

    @Override
    public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {}
  }
}
