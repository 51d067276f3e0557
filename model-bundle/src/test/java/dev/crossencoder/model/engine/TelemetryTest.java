package dev.crossencoder.model.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * DJL reports its use to its makers, with the id of the cloud's machine, unless told not to. In a
 * JVM of its own, since DJL asks once a day and reads the setting when it asks.
 */
@Timeout(120)
class TelemetryTest {
  @TempDir private Path folder;

  @Test
  void buildingLoadingScoringAndReportingConnectToNobody() throws Exception {
    assertThat(connections()).isEmpty();
  }

  @Test
  void withTelemetryOnTheAttemptIsSeen() throws Exception {
    assertThat(connections("-DOPT_OUT_TRACKING=false", "-Dai.djl.offline=false"))
        .anyMatch(address -> address.contains("169.254.169.254"));
  }

  /** Where a JVM with these arguments wanted to connect to. */
  private List<String> connections(String... jvmArguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(jvmArguments));
    command.add(OutboundConnections.class.getName());
    command.add(folder.toString());
    Path output = folder.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().keySet().removeAll(List.of("OPT_OUT_TRACKING", "DJL_OFFLINE"));
    Process process = builder.start();
    try {
      assertThat(process.waitFor(100, TimeUnit.SECONDS)).as(Files.readString(output)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(output);
    assertThat(lines).last().isEqualTo(OutboundConnections.SCORED);
    return lines.stream()
        .filter(line -> line.startsWith(OutboundConnections.CONNECTION))
        .map(line -> line.substring(OutboundConnections.CONNECTION.length()))
        .toList();
  }
}
