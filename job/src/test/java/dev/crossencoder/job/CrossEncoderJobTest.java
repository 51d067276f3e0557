package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.operator.InvalidOptionException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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
