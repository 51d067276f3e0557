package dev.crossencoder.faults.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.faults.agent.EngineFaults.Kind;
import dev.crossencoder.model.DeviceOutOfMemoryException;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs in a JVM with the agent; the pom has its arguments. */
@Timeout(120)
class EngineFaultsAgentITCase {
  private static final Path ONCE = Path.of(System.getProperty("once.folder"));

  @TempDir private Path folder;

  @BeforeEach
  void nothingHasHappenedYet() throws IOException {
    TestFolders.empty(ONCE);
  }

  private CrossEncoder open(Engine engine) throws IOException {
    return CrossEncoder.open(
        TestFolders.demoQa(engine, folder), CrossEncoderOptions.DEFAULT.withThreads(2));
  }

  /** Eight pairs, of which the last but two is marked. */
  private static List<TextPair> marked(String word) {
    List<TextPair> pairs = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String end = i == 5 ? " " + word : "";
      pairs.add(new TextPair("How tall is tower " + i + "?", "It is " + i + " metres tall." + end));
    }
    return pairs;
  }

  /** Scores pairs in one batch, as an operator does. */
  private static List<Score> batch(CrossEncoder model, List<TextPair> pairs) {
    return model.scoreBatch(pairs.stream().map(model::encode).toList());
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aBatchWithAMarkedPairIsOutOfMemoryAndThePairAloneIsNot(Engine engine) throws IOException {
    try (CrossEncoder model = open(engine)) {
      List<TextPair> pairs = marked("zqoom");

      assertThatExceptionOfType(DeviceOutOfMemoryException.class)
          .isThrownBy(() -> batch(model, pairs));
      assertThat(batch(model, pairs.subList(5, 6))).allMatch(Score::isFinite);
      assertThat(batch(model, pairs.subList(0, 5))).allMatch(Score::isFinite);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aPairCanBeOutOfMemoryAlone(Engine engine) throws IOException {
    try (CrossEncoder model = open(engine)) {
      List<TextPair> alone = marked("zqalone").subList(5, 6);

      assertThatExceptionOfType(DeviceOutOfMemoryException.class)
          .isThrownBy(() -> batch(model, alone));
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void logitsOfTheMarkedPairAloneAreNaN(Engine engine) throws IOException {
    try (CrossEncoder model = open(engine)) {
      List<TextPair> pairs = marked("zqnan");

      List<Score> scores = batch(model, pairs);

      for (int i = 0; i < pairs.size(); i++) {
        assertThat(scores.get(i).isFinite()).as("pair %d", i).isEqualTo(i != 5);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void theEngineFailsOnceForEachPairOfTexts(Engine engine) throws IOException {
    try (CrossEncoder model = open(engine)) {
      List<TextPair> pairs = marked("zqfail");

      assertThatThrownBy(() -> batch(model, pairs))
          .isInstanceOf(RuntimeException.class)
          .isNotInstanceOf(DeviceOutOfMemoryException.class)
          .hasMessageContaining("Injected fault zqfail=exception:once");
      assertThat(batch(model, pairs)).allMatch(Score::isFinite);
      assertThatThrownBy(() -> model.score(new TextPair("other", "zqfail")))
          .hasMessageContaining("Injected fault zqfail=exception:once");
      assertThat(EngineFaults.in(ONCE).happened("zqfail")).isEqualTo(2);
    }
  }

  @Test
  void aBrokenEngineFailsAgainAndAgain() throws IOException {
    try (CrossEncoder model = open(Engine.PYTORCH)) {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> batch(model, marked("zqbroken")))
            .hasMessageContaining("Injected fault zqbroken=exception");
      }
    }
  }

  @Test
  void aSlowPassTakesThatMuchLonger() throws IOException {
    try (CrossEncoder model = open(Engine.PYTORCH)) {
      long start = System.nanoTime();

      batch(model, marked("zqslow"));

      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }
  }

  @Test
  @SuppressWarnings("resource")
  void aHangingPassIgnoresInterruptsAndTheNextOneRuns() throws Exception {
    // Not closed: that would wait for the pass that hangs.
    CrossEncoder model = open(Engine.PYTORCH);
    List<EncodedPair> batch = marked("zqhang").stream().map(model::encode).toList();
    Thread thread = new Thread(() -> model.scoreBatch(batch, 1), "hanging");
    thread.setDaemon(true);
    thread.start();
    await().until(() -> EngineFaults.in(ONCE).happened("zqhang") == 1);

    thread.interrupt();
    thread.join(200);

    assertThat(thread.isAlive()).isTrue();
    assertThat(model.scoreBatch(batch, 1)).allMatch(Score::isFinite);
    assertThat(thread.isAlive()).isTrue();
  }

  @Test
  @Tag("full")
  void aCrashEndsTheProcessAndItsNextLifeScores() throws Exception {
    EngineFaults faults = EngineFaults.in(folder.resolve("crashes")).once("zqcrash", Kind.CRASH);
    Path report = folder.resolve("report.log");

    assertThat(scoreOnce(faults, report)).isNotZero();
    assertThat(report).content().contains("SIGSEGV", "NativeCrash");
    assertThat(faults.happened("zqcrash")).isEqualTo(1);

    assertThat(scoreOnce(faults, report)).isZero();
    assertThat(folder.resolve("output.log")).content().contains("scored ");
  }

  private int scoreOnce(EngineFaults faults, Path report) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                faults.jvmArgument(),
                "-XX:ErrorFile=" + report,
                "-XX:-CreateCoredumpOnCrash",
                "-XX:TieredStopAtLevel=1",
                ScoreOnce.class.getName(),
                TestFolders.demoQa(Engine.PYTORCH, folder).folder().toString(),
                "query",
                "zqcrash")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output.log").toFile());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = builder.start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }
}
