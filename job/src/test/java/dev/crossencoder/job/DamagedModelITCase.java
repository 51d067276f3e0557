package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.kafka.EmbeddedKafka;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A model that cannot be used ends the job before its first record, restarts or no restarts. */
@Timeout(60)
class DamagedModelITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  private static final int RESTARTS = 1000;

  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static TestJobs jobs;

  @BeforeAll
  static void start() throws Exception {
    kafka = EmbeddedKafka.start(folder.resolve("kafka"));
    jobs = new TestJobs(kafka);
    jobs.createTopics("pairs", 1);
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void aBundleOfANewerFormatIsNotTriedAgain() throws Exception {
    Path bundle = copyOfBundle("newer");
    Path manifest = bundle.resolve("bundle.json");
    String json = Files.readString(manifest);
    Files.writeString(
        manifest, json.replaceFirst("\"format_version\"\\s*:\\s*1", "\"format_version\": 99"));

    assertThatTheJobEndsSaying(bundle, "format");
  }

  @Test
  void aDamagedFileIsNotTriedAgain() throws Exception {
    Path bundle = copyOfBundle("damaged");
    Files.writeString(bundle.resolve("model.pt"), "no model");

    assertThatTheJobEndsSaying(bundle, "model.pt has SHA-256 ");
  }

  private static void assertThatTheJobEndsSaying(Path bundle, String reason) throws Exception {
    JobClient job =
        jobs.start(
            TestJobs.environment(RESTARTS),
            "pairs",
            Map.of("cross-encoder.model", bundle.toString()));

    assertThatThrownBy(() -> job.getJobExecutionResult().get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .satisfies(
            failure ->
                assertThat(ExceptionUtils.stringifyException(failure))
                    .contains("The failure is not recoverable")
                    .contains(bundle.toString())
                    .contains(reason));
  }

  private static Path copyOfBundle(String name) throws Exception {
    Bundle source = ModelRepository.shared().resolve("demo-qa");
    Path copy = Files.createDirectory(folder.resolve(name));
    try (Stream<Path> files = Files.list(source.folder())) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }
}
