package dev.crossencoder.cli.evaluate;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.catalog.CatalogEntry;
import dev.crossencoder.model.catalog.ModelCatalog;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * The figures of all models of the catalog that were published for a {@link Preset}, beside those
 * that are measured here.
 *
 * @param rows one for each model and preset
 * @param missing why presets were left out, as sentences
 */
record PublishedTable(List<Row> rows, List<String> missing) {
  /**
   * A figure.
   *
   * @param value measured here; null if there is a problem
   * @param published from 0 to 1
   * @param problem why nothing was measured; null if there is a value
   */
  record Row(Preset preset, String model, Double value, double published, String problem) {}

  /**
   * Measures all figures.
   *
   * @param folder with the files of the presets; presets whose files it does not have are left out
   * @param models opens a model by its name
   * @throws CommandFailedException if there are no files of any preset
   */
  static PublishedTable measure(Path folder, Function<String, CrossEncoder> models)
      throws IOException {
    List<Row> rows = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (Preset preset : Preset.values()) {
      EvaluationTask task;
      try {
        task = preset.task(folder);
      } catch (CommandFailedException e) {
        missing.add(e.getMessage());
        continue;
      }
      for (CatalogEntry entry : ModelCatalog.shared().entries()) {
        OptionalDouble published = preset.published(entry);
        if (published.isPresent()) {
          rows.add(row(preset, task, entry.name(), published.getAsDouble(), models));
        }
      }
    }
    if (rows.isEmpty()) {
      throw new CommandFailedException(
          "Cannot evaluate, the folder %s has the files of no preset. docs/evaluate.md lists them."
              .formatted(folder));
    }
    return new PublishedTable(List.copyOf(rows), List.copyOf(missing));
  }

  private static Row row(
      Preset preset,
      EvaluationTask task,
      String name,
      double published,
      Function<String, CrossEncoder> models) {
    try (CrossEncoder model = models.apply(name)) {
      task.check(model.bundle().manifest().labels());
      double value = PairScoring.score(task, model, "").outcomes().figure(preset.figure());
      return new Row(preset, name, value, published, null);
    } catch (ModelUnavailableException | InvalidModelException e) {
      return new Row(preset, name, null, published, e.getMessage());
    }
  }

  /** Whether all figures were measured. */
  boolean complete() {
    return missing.isEmpty() && rows.stream().allMatch(row -> row.problem() == null);
  }

  String markdown() {
    StringBuilder text =
        new StringBuilder("| data | model | figure | here | published | difference |\n");
    text.append("|---|---|---|---:|---:|---:|\n");
    for (Row row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %.4f | %s |%n",
              row.preset().key(),
              row.model(),
              row.preset().figure(),
              row.value() == null ? "–" : String.format(Locale.ROOT, "%.4f", row.value()),
              row.published(),
              row.value() == null
                  ? "–"
                  : String.format(Locale.ROOT, "%+.4f", row.value() - row.published())));
    }
    List<String> notes = new ArrayList<>(missing);
    rows.stream()
        .filter(row -> row.problem() != null)
        .forEach(row -> notes.add(row.model() + ": " + row.problem()));
    if (!notes.isEmpty()) {
      text.append('\n');
      notes.stream().distinct().forEach(note -> text.append("- ").append(note).append('\n'));
    }
    return text.toString();
  }
}
