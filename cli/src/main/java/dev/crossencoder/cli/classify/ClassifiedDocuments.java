package dev.crossencoder.cli.classify;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import dev.crossencoder.cli.document.Document;
import dev.crossencoder.model.classification.Classification;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The texts in the order of the input, with their labels.
 *
 * @param model the name of the model
 * @param revision the digest of its bundle
 */
record ClassifiedDocuments(String model, String revision, List<Entry> entries) {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /**
   * A text with its labels, or the reason why there are none.
   *
   * @param classification null if there is a failure
   * @param failure a sentence that contains nothing of the text, null if there is a classification
   */
  record Entry(Document document, Classification classification, String failure) {
    static Entry of(Document document, Classification classification) {
      return classification.scores().stream().allMatch(Float::isFinite)
          ? new Entry(document, classification, null)
          : failed(document, "The model returned a score that is NaN or infinite.");
    }

    static Entry failed(Document document, String failure) {
      return new Entry(document, null, failure);
    }
  }

  /** A line of the table. */
  private record Row(Entry entry, int place) {}

  boolean complete() {
    return failures().isEmpty();
  }

  boolean anyResult() {
    return entries.stream().anyMatch(entry -> entry.failure() == null);
  }

  List<Entry> failures() {
    return entries.stream().filter(entry -> entry.failure() != null).toList();
  }

  /**
   * Returns a table with the best labels of each text.
   *
   * @param topN the largest number of labels of a text
   */
  String table(int topN) {
    List<Row> rows =
        entries.stream()
            .filter(entry -> entry.failure() == null)
            .flatMap(
                entry ->
                    IntStream.range(0, Math.min(topN, entry.classification().labels().size()))
                        .mapToObj(place -> new Row(entry, place)))
            .toList();
    List<ColumnData<Row>> columns = new ArrayList<>();
    columns.add(
        column(
            "score",
            HorizontalAlign.RIGHT,
            row ->
                String.format(
                    Locale.ROOT, "%.4f", row.entry().classification().scores().get(row.place()))));
    columns.add(
        column(
            "label",
            HorizontalAlign.LEFT,
            row ->
                Document.of("", null, row.entry().classification().labels().get(row.place()))
                    .beginning()));
    if (entries.size() > 1) {
      columns.add(column("source", HorizontalAlign.LEFT, row -> row.entry().document().source()));
      if (rows.stream().anyMatch(row -> row.entry().document().id() != null)) {
        columns.add(
            column("id", HorizontalAlign.LEFT, row -> String.valueOf(row.entry().document().id())));
      }
      columns.add(column("text", HorizontalAlign.LEFT, row -> row.entry().document().beginning()));
    }
    return AsciiTable.getTable(AsciiTable.NO_BORDERS, rows, columns)
        .lines()
        .map(String::stripTrailing)
        .collect(Collectors.joining(System.lineSeparator(), "", System.lineSeparator()));
  }

  private static ColumnData<Row> column(
      String header, HorizontalAlign align, Function<Row, String> value) {
    return new Column()
        .header(header)
        .headerAlign(align)
        .dataAlign(align)
        .maxWidth(Document.MAX_BEGINNING + 3)
        .with(value);
  }

  /**
   * Returns a JSON object on one line for each text, with the member names of transformers.
   *
   * @param topN the largest number of labels of a text
   */
  List<String> json(int topN) {
    return IntStream.range(0, entries.size())
        .mapToObj(index -> json(index, entries.get(index), topN))
        .toList();
  }

  private String json(int index, Entry entry, int topN) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("index", index).put("source", entry.document().source());
    if (entry.document().id() != null) {
      root.put("id", entry.document().id());
    }
    if (entry.failure() != null) {
      return root.put("error", entry.failure()).toString();
    }
    root.put("model", model).put("revision", revision);
    Classification result = entry.classification();
    ArrayNode labels = root.putArray("labels");
    result.labels().stream().limit(topN).forEach(labels::add);
    ArrayNode scores = root.putArray("scores");
    result.scores().stream().limit(topN).forEach(scores::add);
    return root.put("truncated", result.truncated()).toString();
  }
}
