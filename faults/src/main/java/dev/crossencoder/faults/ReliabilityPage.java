package dev.crossencoder.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    StringBuilder text =
        new StringBuilder(
            """
            # Reliability

            <!-- Generated from the results in reliability/ and the notes in reliability/notes.md, by ./mvnw -Pfaults verify -->

            Each line is an experiment on a cluster of separate JVMs: a broker, a JobManager, two TaskManagers with two slots each, the
            job with four subtasks, a checkpoint a second. Records come at a steady rate while something is broken; afterwards a
            `read_committed` reader compares all outputs with all inputs: each must have one result or one dead letter, with value,
            key, timestamp and partition as they were, the score of its texts, and in the order of its partition. One record of 40
            cannot be scored. Recovery is the time from the fault until new results are committed.

            | experiment | delivery | inputs | faults | lost | duplicated | out of order | altered | recovery s: median, longest | |
            |---|---|---:|---:|---:|---:|---:|---:|---:|---|
            """);
    for (Outcome outcome : files.read()) {
      Verdict verdict = outcome.verdict();
      double[] recoveries =
          outcome.faults().stream().mapToDouble(Outcome.Fault::recoverySeconds).sorted().toArray();
      text.append(
          String.format(
              Locale.ROOT,
              "| %s ([%s](%s/%s.json)) | %s | %,d | %d | %d | %d | %s | %d | %.1f, %.1f | %s |%n",
              outcome.description(),
              outcome.experiment(),
              files.folder().getFileName(),
              outcome.experiment(),
              outcome.delivery(),
              verdict.inputs(),
              recoveries.length,
              verdict.lost(),
              verdict.duplicated(),
              outOfOrder(outcome),
              verdict.altered(),
              recoveries.length == 0 ? 0 : recoveries[recoveries.length / 2],
              recoveries.length == 0 ? 0 : recoveries[recoveries.length - 1],
              outcome.isAsItMustBe() ? "as it must be" : "**not as it must be**"));
    }
    for (Outcome outcome : files.read()) {
      growths(outcome, text);
    }
    Path notes = files.folder().resolve(NOTES);
    if (Files.exists(notes)) {
      text.append('\n').append(Files.readString(notes));
    }
    return text.toString();
  }

  private static void growths(Outcome outcome, StringBuilder text) {
    if (outcome.growths().isEmpty()) {
      return;
    }
    text.append(
        """

        What a TaskManager holds after a full collection, %s:

        | | after the third | at the end |
        |---|---:|---:|
        """
            .formatted(outcome.description()));
    for (Outcome.Growth growth : outcome.growths()) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %,.0f | %,.0f%s |%n",
              growth.what(),
              growth.settled(),
              growth.last(),
              growth.isBounded() ? "" : ", **which is too much**"));
    }
  }

  private static String outOfOrder(Outcome outcome) {
    int limit = outcome.outOfOrderLimit();
    return outcome.verdict().outOfOrder() + (limit == 0 ? "" : " of " + limit + " at most");
  }
}
