package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.operator.InvalidOptionException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@ResourceLock(Resources.SYSTEM_OUT)
class CrossEncoderJobTest {
  @Test
  void helpIsPrintedAndNoJobBuilt() throws Exception {
    assertThat(outputOf("--help"))
        .startsWith("Usage: flink run flink-cross-encoder-job.jar [OPTIONS]");
  }

  @Test
  void theVersionIsPrintedAndNoJobBuilt() throws Exception {
    assertThat(outputOf("--version")).startsWith("flink-cross-encoder ");
  }

  @Test
  void whatIsMissingIsSaid() {
    assertThatThrownBy(() -> CrossEncoderJob.main(new String[] {"--input-topic", "pairs"}))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "Invalid output.topic: missing. Set it with --output-topic or in the configuration file.");
  }

  @Test
  void recordsBetweenTasksWaitForFiveMillisecondsAtMost() {
    StreamExecutionEnvironment environment = new StreamExecutionEnvironment(new Configuration());

    CrossEncoderJob.configure(environment, config());

    assertThat(environment.getBufferTimeout()).isEqualTo(5);
  }

  @Test
  void aBufferTimeoutThatIsConfiguredStays() {
    Configuration cluster = new Configuration();
    cluster.set(ExecutionOptions.BUFFER_TIMEOUT, Duration.ofMillis(70));
    StreamExecutionEnvironment environment = new StreamExecutionEnvironment(cluster);

    CrossEncoderJob.configure(environment, config());

    assertThat(environment.getBufferTimeout()).isEqualTo(70);
  }

  private static JobConfig config() {
    return JobConfig.from(
        Configuration.fromMap(
            Map.of(
                "bootstrap-servers", "localhost:9092",
                "input.topic", "pairs",
                "output.topic", "scored",
                "checkpoint.interval", "10s",
                "cross-encoder.model", "demo-qa")));
  }

  private static String outputOf(String... arguments) throws Exception {
    PrintStream out = System.out;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      CrossEncoderJob.main(arguments);
    } finally {
      System.setOut(out);
    }
    return captured.toString(StandardCharsets.UTF_8);
  }
}
