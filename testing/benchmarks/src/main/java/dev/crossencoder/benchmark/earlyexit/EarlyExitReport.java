package dev.crossencoder.benchmark.earlyexit;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.benchmark.report.MarkdownTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Collects the results of all first models, as a JSON file and as tables. */
public final class EarlyExitReport {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String DL19 = "DL19";
  private static final String DL19_START = "DL19, 30 documents";
  private static final String CRANFIELD = "Cranfield";
  private static final int BATCH = 8;
  private static final int USUAL_KEEP = 20;

  private final List<EarlyExitRow> rows = new ArrayList<>();

  /**
   * Studies a first model.
   *
   * @param first its name
   * @param dl19 the lists of TREC Deep Learning 2019
   * @param dl19Start the same with as many documents as those of Cranfield
   * @param cranfield the lists of Cranfield
   */
  public void study(
      String first, List<ScoredList> dl19, List<ScoredList> dl19Start, List<ScoredList> cranfield) {
    EarlyExitStudy study = new EarlyExitStudy(1);
    rows.addAll(study.crossFitted(first, DL19, dl19, dl19.size()));
    rows.addAll(new EarlyExitStudy(BATCH).crossFitted(first, DL19, dl19, dl19.size()));
    rows.addAll(study.crossFitted(first, CRANFIELD, cranfield, cranfield.size()));
    rows.addAll(study.transferred(first, CRANFIELD, cranfield, DL19_START, dl19Start));
  }

  /** Writes {@code early-exit.json} into a folder, with one line for each row. */
  public void write(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    for (EarlyExitRow row : rows) {
      lines.add(MAPPER.writeValueAsString(row));
    }
    Path file = Files.createDirectories(folder).resolve("early-exit.json");
    Files.writeString(file, "[\n" + String.join(",\n", lines) + "\n]\n");
  }

  /** Returns a table for each pair of collections and each step. */
  public String tables() {
    StringBuilder text = new StringBuilder();
    for (String[] sets :
        new String[][] {
          {DL19, DL19, "1"},
          {DL19, DL19, String.valueOf(BATCH)},
          {CRANFIELD, CRANFIELD, "1"},
          {CRANFIELD, DL19_START, "1"}
        }) {
      text.append("\nfitted to %s, tested on %s, step %s\n\n".formatted((Object[]) sets));
      MarkdownTable table =
          MarkdownTable.in(
              text,
              List.of(
                  "first model",
                  "n",
                  "confidence",
                  "method",
                  "scored",
                  "share",
                  "÷ keep 20",
                  "wrong",
                  "wrong, fixed keep at the same cost",
                  "NDCG@10",
                  "NDCG@10, fixed keep at the same cost",
                  "NDCG@10, all"));
      rows.stream()
          .filter(row -> row.fitted().equals(sets[0]) && row.tested().equals(sets[1]))
          .filter(row -> String.valueOf(row.step()).equals(sets[2]))
          .forEach(row -> table.row(cells(row)));
    }
    return text.toString();
  }

  private static List<String> cells(EarlyExitRow row) {
    Outcome outcome = row.outcome();
    return List.of(
        row.first(),
        String.valueOf(row.n()),
        format("%.2f", row.confidence()),
        row.method().title(),
        format("%.1f", outcome.scored()),
        format("%.0f %%", 100 * outcome.share()),
        format("%.2f", outcome.scored() / USUAL_KEEP),
        format("%.1f %%", 100 * (1 - outcome.right())),
        format("%.1f %%", 100 * (1 - row.sameCost().right())),
        format("%.4f", outcome.ndcg()),
        format("%.4f", row.sameCost().ndcg()),
        format("%.4f", row.fullNdcg()));
  }

  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
