package dev.crossencoder.faults.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.operator.CrossEncoderFunction;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.Failure;
import dev.crossencoder.operator.Scored;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the operator makes of the faults, in a JVM with the agent; the pom has its arguments. */
@Tag("full")
@Timeout(120)
class FaultsInAJobITCase {
  private static final Path ONCE = Path.of(System.getProperty("once.folder"));
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final int RECORDS = 40;
  private static final int MARKED = 4;
  private static final String QUERY = "How tall is the old water tower?";

  @TempDir private Path folder;

  @BeforeEach
  void nothingHasHappenedYet() throws IOException {
    TestFolders.empty(ONCE);
  }

  private static List<String> passages(String... words) {
    List<String> passages = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      String end = i % 10 == 7 ? " " + words[i / 10 % words.length] : "";
      passages.add("The old water tower stands %d metres tall.%s".formatted(i, end));
    }
    return passages;
  }

  private static List<Scored<String>> run(String model, List<String> passages) throws Exception {
    Configuration environment = new Configuration();
    environment.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    environment.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 2 * MARKED);
    environment.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, PAUSE);
    // Without checkpoints Flink gives up collecting after a restart.
    environment.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, PAUSE);
    Configuration options = new Configuration();
    options.set(CrossEncoderFunctionOptions.MODEL, model);
    return CrossEncoderFunction.score(
            StreamExecutionEnvironment.getExecutionEnvironment(environment)
                .setParallelism(1)
                .fromData(passages),
            "relevance",
            passage -> List.of(new TextPair(QUERY, passage)),
            options)
        .executeAndCollect(passages.size());
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void marksThatAreAboutOnePairLeaveTheOthersScoresAsTheyAre(Engine engine) throws Exception {
    String model = TestFolders.demoQa(engine, folder).folder().toString();
    List<String> passages = passages("zqoom", "zqalone", "zqnan", "zqslow");

    List<Scored<String>> results = run(model, passages);

    assertThat(results).extracting(Scored::element).containsExactlyElementsOf(passages);
    try (CrossEncoder reference = CrossEncoder.open(Path.of(model))) {
      for (Scored<String> result : results) {
        if (result.element().contains("zqalone")) {
          assertThat(result.failure().code()).isEqualTo(Failure.DEVICE_OUT_OF_MEMORY);
        } else if (result.element().contains("zqnan")) {
          assertThat(result.failure().code()).isEqualTo(Failure.NON_FINITE_SCORE);
        } else {
          float expected = reference.score(new TextPair(QUERY, result.element())).score();
          assertThat(result.failure()).isNull();
          assertThat(result.scores().get(0).score()).isCloseTo(expected, Offset.offset(1e-5f));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void anyOtherErrorOfTheEngineRestartsTheJobAndEachRecordIsScored(Engine engine) throws Exception {
    String model = TestFolders.demoQa(engine, folder).folder().toString();
    List<String> passages = passages("zqfail");

    List<Scored<String>> results = run(model, passages);

    assertThat(EngineFaults.in(ONCE).happened("zqfail")).isEqualTo(MARKED);
    assertThat(results).extracting(Scored::element).containsExactlyElementsOf(passages);
    assertThat(results).noneMatch(Scored::failed);
  }
}
