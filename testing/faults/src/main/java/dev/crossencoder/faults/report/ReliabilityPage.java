package dev.crossencoder.faults.report;

import dev.crossencoder.faults.records.Delivery;
import dev.crossencoder.faults.records.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Generates {@code docs/reliability.md} from the outcomes. */
public final class ReliabilityPage {
  private static final String NOTES = "notes.md";

  private ReliabilityPage() {}

  /**
   * Writes the page beside the folder of outcomes.
   *
   * @param experiments the names of all experiments, in the order of the page
   */
  public static void write(OutcomeFiles files, List<String> experiments) throws IOException {
    Files.writeString(page(files), text(files, experiments));
  }

  /** Returns the path of the page: the folder's name with the extension {@code md}. */
  public static Path page(OutcomeFiles files) {
    Path folder = files.folder().toAbsolutePath();
    return folder.resolveSibling(folder.getFileName() + ".md");
  }

  /**
   * Returns the text of the page.
   *
   * @param experiments the names of all experiments, in the order of the page
   */
  public static String text(OutcomeFiles files, List<String> experiments) throws IOException {
    List<Outcome> outcomes = files.read(experiments);
    StringBuilder text =
        new StringBuilder(
            """
            # Reliability

            <!-- Generated from the results in reliability/ and the notes in reliability/notes.md. To regenerate this page without
                 experiments: ./mvnw -Dquick -Pfaults verify -pl testing/faults -am -Dfaults=page -->

            This page contains the results of the fault experiments of the module `faults`. Each row of the first table is one
            experiment. An experiment runs the job under load, causes faults, and compares every output with every input.

            - **Cluster**: separate JVMs for a broker, a JobManager and up to three TaskManagers with two slots each. The
              checkpoint interval is one second.
            - **Input**: records are produced continuously, also during the fault. Unless the row says otherwise, one record in
              40 cannot be scored, for one of nine reasons.
            - **Expected output**: a `read_committed` reader must find one result or one dead letter for each input record.
              Value, key, headers, timestamp and partition must be unchanged, the score must be that of the record's texts, and
              the order within each partition must be kept. Duplicates are allowed with at-least-once only.
            - **Recovery** is the time from the fault, including an outage, until every partition has committed results of
              records that were sent after the end of the fault. The table has the median and the longest.

            """);
    summary(outcomes, text);
    text.append(
        """
        | experiment | delivery | inputs | dead letters | faults | lost | duplicated | out of order | altered | recovery, s: median, longest | result |
        |---|---|---:|---:|---:|---:|---:|---:|---:|---:|---|
        """);
    for (Outcome outcome : outcomes) {
      text.append(line(files, outcome));
    }
    for (Outcome outcome : outcomes) {
      checks(outcome, text);
      trends(outcome, text);
    }
    List<String> missing =
        experiments.stream()
            .filter(name -> outcomes.stream().noneMatch(run -> run.experiment().equals(name)))
            .toList();
    if (!missing.isEmpty()) {
      text.append("\nNot run: %s.\n".formatted(String.join(", ", missing)));
    }
    Path notes = files.folder().resolve(NOTES);
    if (Files.exists(notes)) {
      text.append('\n').append(Files.readString(notes));
    }
    return text.toString();
  }

  private static void summary(List<Outcome> outcomes, StringBuilder text) {
    text.append(
        String.format(
            Locale.ROOT,
            """
            In %d experiments with %,d input records and %d faults, %d records were lost and %d altered. With exactly-once
            delivery, %d records were duplicated.

            """,
            outcomes.size(),
            outcomes.stream().mapToInt(outcome -> outcome.verdict().inputs()).sum(),
            outcomes.stream().mapToInt(outcome -> outcome.faults().size()).sum(),
            outcomes.stream().mapToInt(outcome -> outcome.verdict().lost()).sum(),
            outcomes.stream().mapToInt(outcome -> outcome.verdict().altered()).sum(),
            outcomes.stream()
                .filter(outcome -> !outcome.delivery().equals(Delivery.AT_LEAST_ONCE.toString()))
                .mapToInt(outcome -> outcome.verdict().duplicated())
                .sum()));
  }

  private static String line(OutcomeFiles files, Outcome outcome) {
    Verdict verdict = outcome.verdict();
    return String.format(
        Locale.ROOT,
        "| %s ([%s](%s/%s.json)) | %s | %,d | %,d | %d | %d | %d | %s | %d | %s | %s |%n",
        outcome.description(),
        outcome.experiment(),
        files.folder().getFileName(),
        outcome.experiment(),
        outcome.delivery(),
        verdict.inputs(),
        verdict.deadLetters(),
        outcome.faults().size(),
        verdict.lost(),
        verdict.duplicated(),
        outOfOrder(outcome),
        verdict.altered(),
        recovery(outcome),
        outcome.isAsItMustBe() ? "passed" : "**failed**");
  }

  private static String recovery(Outcome outcome) {
    double[] seconds =
        outcome.faults().stream().mapToDouble(Outcome.Fault::recoverySeconds).sorted().toArray();
    int count = seconds.length;
    return count == 0
        ? ""
        : String.format(
            Locale.ROOT,
            "%.1f, %.1f",
            (seconds[(count - 1) / 2] + seconds[count / 2]) / 2,
            seconds[count - 1]);
  }

  private static void checks(Outcome outcome, StringBuilder text) {
    if (outcome.checks().isEmpty()) {
      return;
    }
    text.append(
        "%nAdditional checks of %s:%n%n| check | result |%n|---|---|%n"
            .formatted(outcome.experiment()));
    for (Outcome.Check check : outcome.checks()) {
      text.append(
          "| %s | %s%s |%n"
              .formatted(check.what(), found(check), check.asItMustBe() ? "" : ", **failed**"));
    }
  }

  /**
   * A measured value and its limit, which are stored as {@code 20.00 of at least 10.00}. If both
   * are whole numbers, they are printed without decimals.
   */
  private static String found(Outcome.Check check) {
    return check
        .found()
        .replaceFirst("^(\\d+)\\.00 of (at (?:least|most) \\d+)\\.00$", "$1 of $2")
        .replaceFirst("^(\\S+) of (at (?:least|most) \\S+)$", "$1 (required: $2)");
  }

  private static void trends(Outcome outcome, StringBuilder text) {
    if (outcome.trends().isEmpty()) {
      return;
    }
    text.append(
        """

        Trends of %s. The values are means over the first, second and last third of the run, measured on one TaskManager after
        full garbage collections. The last value may be at most 5 %% above the first, and the values must not rise by more
        than 1 %% from each third to the next.

        | measurement | first third | second third | last third |
        |---|---:|---:|---:|
        """
            .formatted(outcome.experiment()));
    for (Outcome.Trend trend : outcome.trends()) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %,.1f | %,.1f | %,.1f%s |%n",
              trend.what(),
              trend.first(),
              trend.middle(),
              trend.last(),
              trend.isBounded() ? "" : ", **failed**"));
    }
  }

  private static String outOfOrder(Outcome outcome) {
    int limit = outcome.outOfOrderLimit();
    String more =
        switch (limit) {
          case 0 -> "";
          case Outcome.NO_ORDER -> " (order is not guaranteed)";
          default -> " (at most %,d allowed)".formatted(limit);
        };
    return String.format(Locale.ROOT, "%,d%s", outcome.verdict().outOfOrder(), more);
  }
}
