package dev.crossencoder.faults.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.crossencoder.faults.agent.EngineFaults.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineFaultsTest {
  private static final EngineFaults FAULTS =
      EngineFaults.in(Path.of("/tmp/faults"))
          .once("zqcrash", Kind.CRASH)
          .always("zqoom", Kind.OUT_OF_MEMORY_ALONE)
          .slow("zqslow", Duration.ofMillis(200));

  @Test
  void callsBecomeTheArgumentsOfTheAgent() {
    assertThat(FAULTS.arguments())
        .isEqualTo(
            "once-folder=/tmp/faults,zqcrash=crash:once,zqoom=out-of-memory-alone,zqslow=sleep:200ms");
  }

  @Test
  void theAgentReadsWhatCallsWrote() {
    assertThat(EngineFaults.parse(FAULTS.arguments())).isEqualTo(FAULTS);
  }

  @ParameterizedTest
  @CsvSource({
    "'zqa=crash', 'They must begin with once-folder=FOLDER.'",
    "'once-folder=/tmp,zqa=crash:twice', 'Invalid fault: zqa=crash:twice. '",
    "'once-folder=/tmp,zqa=crush', 'Invalid fault: crush. It must be one of out-of-memory, '",
    "'once-folder=/tmp,zqa=sleep', 'Invalid duration of sleep: PT0S. '",
    "'once-folder=/tmp,zqa=nan:5ms', 'Invalid duration of nan: PT0.005S. '",
    "'once-folder=/tmp,zqa=nan,zqab=nan', 'Invalid words: zqa and zqab. '",
    "'once-folder=/my tmp', 'Invalid folder: /my tmp. '",
  })
  void otherArgumentsAreRefused(String arguments, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EngineFaults.parse(arguments))
        .withMessageContaining(message);
  }

  @Test
  void pairsThatHadTheirFaultAreCounted(@TempDir Path folder) throws Exception {
    EngineFaults faults = EngineFaults.in(folder);
    Files.createFile(folder.resolve("zqcrash-1"));
    Files.createFile(folder.resolve("zqcrash-2"));
    Files.createFile(folder.resolve("zqhang-1"));

    assertThat(faults.happened("zqcrash")).isEqualTo(2);
    assertThat(faults.happened("zqoom")).isZero();
  }
}
