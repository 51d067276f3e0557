package dev.crossencoder.faults.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.faults.experiment.Laboratory;
import dev.crossencoder.faults.records.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReliabilityPageTest {
  private static final Path PUBLISHED = Path.of("../../docs/reliability");

  /** Of a published experiment, at least. */
  private static final int RECORDS = 20_000;

  @TempDir private Path folder;

  @Test
  void thePublishedPageIsWhatItsResultsSay() throws Exception {
    OutcomeFiles files = new OutcomeFiles(PUBLISHED);

    assertThat(ReliabilityPage.page(files))
        .as("docs/reliability.md is generated: its first lines say how to regenerate it")
        .hasContent(ReliabilityPage.text(files, Laboratory.names()));
  }

  @Test
  void everyPublishedResultIsAsItMustBe() throws Exception {
    assertThat(new OutcomeFiles(PUBLISHED).read(Laboratory.names()))
        .isNotEmpty()
        .allSatisfy(
            outcome -> {
              assertThat(outcome.isAsItMustBe()).as("%s", outcome).isTrue();
              assertThat(outcome.verdict().inputs()).isGreaterThanOrEqualTo(RECORDS);
              assertThat(outcome.faults().size() + outcome.checks().size()).isPositive();
            });
  }

  @Test
  void whatIsLostIsSaid() throws Exception {
    OutcomeFiles files = new OutcomeFiles(folder.resolve("results"));
    files.write(
        new Outcome(
            "rescale",
            "breaks it",
            "exactly-once",
            "2026-01-02",
            5,
            List.of(
                new Outcome.Fault("a", 1, 2.5),
                new Outcome.Fault("b", 7, 12.25),
                new Outcome.Fault("c", 9, 1),
                new Outcome.Fault("d", 12, 3)),
            List.of(
                new Outcome.Check("a ratio", "0.95 of at least 0.90", true),
                new Outcome.Check("a whole number", "20.00 of at most 30.00", true),
                new Outcome.Check("a count", "7", false)),
            List.of(
                new Outcome.Trend("threads", 100, 106, 105),
                new Outcome.Trend("handles", 100, 100, 106),
                new Outcome.Trend("classes", 100, 102, 104)),
            8,
            10,
            new Verdict(20_000, 19_000, 999, 1, 0, 4, 0, List.of("record 41 has no output")),
            ""));

    ReliabilityPage.write(files, Laboratory.names());

    assertThat(Files.readString(folder.resolve("results.md")))
        .contains(
            "| breaks it ([rescale](results/rescale.json)) | exactly-once | 20,000 | 999 | 4 | 1 | 0 | 4 (at most 10 allowed) | 0 | 2.8, 12.3 | **failed** |")
        .contains("| a ratio | 0.95 (required: at least 0.90) |")
        .contains("| a whole number | 20 (required: at most 30) |")
        .contains("| a count | 7, **failed** |")
        .contains("| threads | 100.0 | 106.0 | 105.0 |")
        .contains("| handles | 100.0 | 100.0 | 106.0, **failed** |")
        .contains("| classes | 100.0 | 102.0 | 104.0, **failed** |")
        .contains("Not run: kill-taskmanager-exactly-once, ");
  }
}
