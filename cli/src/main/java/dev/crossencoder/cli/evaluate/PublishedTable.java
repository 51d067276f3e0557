package dev.crossencoder.cli.evaluate;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.model.catalog.CatalogEntry;
import dev.crossencoder.model.catalog.ModelCatalog;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
  record Row(Preset preset, String model, Double value, double published, String problem) {
    String markdown() {
      return String.format(
          Locale.ROOT,
          "| %s | %s | %s | %s | %.4f | %s |",
          preset.key(),
          model,
          preset.figure(),
          value == null ? "–" : String.format(Locale.ROOT, "%.4f", value),
          published,
          value == null ? "–" : String.format(Locale.ROOT, "%+.4f", value - published));
    }
  }

  private static final List<String> HEADER =
      List.of(
          "| data | model | figure | here | published | difference |",
          "|---|---|---|---:|---:|---:|");

  /**
   * Measures all figures.
   *
   * @param folder with the files of the presets; presets whose files it does not have are left out
   * @param models opens a model by its name
   * @param lines receives the lines of the table as they are measured
   * @throws CommandFailedException if there are no files of any preset
   */
  static PublishedTable measure(
      Path folder, Function<String, CrossEncoder> models, Consumer<String> lines) {
    List<Row> rows = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (Preset preset : Preset.values()) {
      EvaluationTask task;
      try {
        task = preset.task(folder);
      } catch (CommandFailedException e) {
        missing.add(e.getMessage());
        continue;
      } catch (InvalidDataException | IOException e) {
        missing.add("%s: %s".formatted(preset.key(), e.getMessage()));
        continue;
      }
      for (CatalogEntry entry : ModelCatalog.shared().entries()) {
        OptionalDouble published = preset.published(entry);
        if (published.isPresent()) {
          if (rows.isEmpty()) {
            HEADER.forEach(lines);
          }
          Row row = row(preset, task, entry.name(), published.getAsDouble(), models);
          rows.add(row);
          lines.accept(row.markdown());
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
      EvaluationTask ofModel = task.forModel(name, model.bundle().manifest().labels());
      Outcomes outcomes = PairScoring.score(ofModel, model, "").outcomes();
      Double value = outcomes.values().get(preset.figure());
      return value != null
          ? new Row(preset, name, value, published, null)
          : new Row(
              preset,
              name,
              null,
              published,
              "its scores are not all from 0 to 1, so that there is no %s at the threshold 0.5."
                  .formatted(preset.figure()));
    } catch (RuntimeException e) {
      // Whatever happens to one model, the figures of the others are wanted.
      return new Row(
          preset, name, null, published, e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  /** Whether all figures were measured. */
  boolean complete() {
    return missing.isEmpty() && rows.stream().allMatch(row -> row.problem() == null);
  }

  String markdown() {
    return Stream.of(HEADER.stream(), rows.stream().map(Row::markdown), notes().stream())
        .flatMap(lines -> lines)
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /** The lines after the table: a list of what could not be measured, with a blank line before. */
  List<String> notes() {
    List<String> notes = new ArrayList<>(missing);
    rows.stream()
        .filter(row -> row.problem() != null)
        .forEach(row -> notes.add(row.model() + ": " + row.problem()));
    return notes.isEmpty()
        ? List.of()
        : Stream.concat(Stream.of(""), notes.stream().distinct().map(note -> "- " + note)).toList();
  }
}
