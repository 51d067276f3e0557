package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Path;
import java.util.Map;
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
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  @TempDir static Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"exactly-once", "at-least-once"})
  void noMetricOfASinkIsRefused(String delivery) throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve(delivery));
        LoggedLines warnings = LoggedLines.warnings("org.apache.flink.metrics.MetricGroup")) {
      TestJobs jobs = new TestJobs(kafka);
      jobs.createTopics("pairs", 2);
      jobs.topics().send(TestRecords.mixed("pairs", 0, 40));

      jobs.runToEnd("pairs", Map.of("delivery", delivery));

      // Flink's own committer and source warn too; what they register twice is the same.
      assertThat(warnings.lines()).noneMatch(line -> line.contains(": Writer"));
    }
  }
}
