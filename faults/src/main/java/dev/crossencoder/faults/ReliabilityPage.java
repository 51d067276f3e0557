package dev.crossencoder.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The page of what experiments showed. */
final class ReliabilityPage {
  private static final String NOTES = "notes.md";

  private ReliabilityPage() {}

  /** Writes the page beside the folder of outcomes. */
  static void write(OutcomeFiles files) throws IOException {
    Files.writeString(page(files), text(files));
  }

  /** Where the page is: the folder's name with another end. */
  static Path page(OutcomeFiles files) {
    Path folder = files.folder().toAbsolutePath();
    return folder.resolveSibling(folder.getFileName() + ".md");
  }

  /** The page. */
  static String text(OutcomeFiles files) throws IOException {
    List<Outcome> outcomes = files.read();
    StringBuilder text =
        new StringBuilder(
            """
            # Reliability

            <!-- Generated from the results in reliability/ and the notes in reliability/notes.md, by ./mvnw -Pfaults verify -->

            Each line is an experiment on a cluster of separate JVMs: a broker, a JobManager, and up to three TaskManagers with two
            slots each, a checkpoint a second. Records come while something is broken. A `read_committed` reader compares all outputs
            with all inputs: each must have one result or one dead letter, with value, key, headers, timestamp and partition as they
            were, the score of its texts, and in the order of its partition. Unless the experiment says otherwise one record of 40
            cannot be scored, for one of nine reasons. Recovery is the time from the fault, an outage included, until every partition
            has committed results of records that were sent when the fault was over.

            | experiment | delivery | inputs | dead letters | faults | lost | duplicated | out of order | altered | recovery s: median, longest | |
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
        Laboratory.experiments().stream()
            .map(Experiment::name)
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
        outcome.isAsItMustBe() ? "as it must be" : "**not as it must be**");
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
    text.append("%n%s also looked at:%n%n| | found |%n|---|---|%n".formatted(outcome.experiment()));
    for (Outcome.Check check : outcome.checks()) {
      text.append(
          "| %s | %s%s |%n"
              .formatted(
                  check.what(),
                  check.found(),
                  check.asItMustBe() ? "" : ", **not as it must be**"));
    }
  }

  private static void trends(Outcome outcome, StringBuilder text) {
    if (outcome.trends().isEmpty()) {
      return;
    }
    text.append(
        """

        %s, means over thirds of the run, of a TaskManager after full collections: the last at most 5 %% above
        the first, and not a rise from each to the next.

        | | first | second | last |
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
              trend.isBounded() ? "" : ", **which is too much**"));
    }
  }

  private static String outOfOrder(Outcome outcome) {
    int limit = outcome.outOfOrderLimit();
    String more =
        switch (limit) {
          case 0 -> "";
          case Outcome.NO_ORDER -> ", order is given up";
          default -> " of %,d at most".formatted(limit);
        };
    return String.format(Locale.ROOT, "%,d%s", outcome.verdict().outOfOrder(), more);
  }
}
