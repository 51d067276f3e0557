package dev.crossencoder.faults.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.faults.records.Delivery;
import dev.crossencoder.faults.report.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One of each kind of experiment, as small as it can be and still show something. */
@Timeout(300)
class FaultsITCase {
  private static final long SEED = 20261125;
  private static final int RECORDS = 1500;

  @TempDir private Path folder;

  @Test
  @Tag("full")
  void nothingIsLostOrDoubledWhenATaskManagerIsKilled() throws Exception {
    run(new KillTaskManager(Delivery.EXACTLY_ONCE, 1));
  }

  @ParameterizedTest
  @MethodSource("experiments")
  @Tag("full")
  void nothingIsLostOrDoubled(Experiment experiment) throws Exception {
    run(experiment);
  }

  private void run(Experiment experiment) throws Exception {
    Outcome outcome = new Laboratory(folder, RECORDS).run(experiment, SEED);

    assertThat(outcome.faults().size() + outcome.checks().size()).isPositive();
    assertThat(outcome.verdict().inputs()).isGreaterThanOrEqualTo(RECORDS);
    assertThat(outcome.verdict().results()).isGreaterThan(RECORDS * 9 / 10);
    assertThat(outcome.isAsItMustBe()).as("%s", outcome).isTrue();
  }

  static Stream<Experiment> experiments() {
    return Stream.of(
        new KillJobManager(1),
        new BrokerOutage(1, 1),
        new Rescale(List.of(2)),
        new LiveChange(3),
        new OfLists(new KillTaskManager(Delivery.EXACTLY_ONCE, 1)),
        new OutOfRange(List.of("latest")),
        new BoundedResume(1),
        new RestartInPlace(3));
  }
}
