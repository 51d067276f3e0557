package dev.crossencoder.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Formats the scored records of the demo: a table of some, and the quality of all scores. */
public final class DemoReport {
  private static final int SHOWN_QUESTIONS = 4;
  private static final int SHOWN_PAIRS = 12;
  private static final int ANSWERING_GRADE = 2;
  private static final int TEXT_WIDTH = 48;

  private DemoReport() {}

  /**
   * Returns the report.
   *
   * @param scored the records in the order in which they were read
   */
  public static String of(List<JsonNode> scored) {
    List<JsonNode> questions = scored.stream().filter(record -> record.has("question")).toList();
    List<JsonNode> premises = scored.stream().filter(record -> record.has("expected")).toList();
    StringBuilder report = new StringBuilder();
    if (!questions.isEmpty()) {
      report.append(isLabelled(questions) ? labels(questions) : ranking(questions));
    }
    if (!premises.isEmpty()) {
      report.append(isLabelled(premises) ? labels(premises) : ranking(premises));
    }
    return report.toString();
  }

  private static boolean isLabelled(List<JsonNode> records) {
    return result(records.get(0)).has("label");
  }

  private static String ranking(List<JsonNode> records) {
    List<JsonNode> shown = new ArrayList<>();
    int questions = 0;
    int answered = 0;
    Map<Integer, List<Double>> byGrade = new TreeMap<>();
    for (List<JsonNode> group : byQuestion(records).values()) {
      group.sort(Comparator.comparingDouble(DemoReport::score).reversed());
      questions++;
      if (group.get(0).path("grade").asInt() >= ANSWERING_GRADE) {
        answered++;
      }
      if (questions <= SHOWN_QUESTIONS) {
        shown.addAll(group);
      }
      group.forEach(
          record ->
              byGrade
                  .computeIfAbsent(record.path("grade").asInt(), grade -> new ArrayList<>())
                  .add(score(record)));
    }
    StringBuilder report =
        new StringBuilder(
            AsciiTable.getTable(
                AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS,
                shown,
                List.of(
                    column("score", HorizontalAlign.RIGHT, record -> number(score(record))),
                    column(
                        "grade", HorizontalAlign.RIGHT, record -> record.path("grade").asText("")),
                    column("first text", HorizontalAlign.LEFT, DemoReport::firstText),
                    column("second text", HorizontalAlign.LEFT, DemoReport::secondText))));
    report.append(System.lineSeparator());
    report.append(
        "An answering passage (grade 2 or 3) is on top for %d of %d questions. Mean score by grade:"
            .formatted(answered, questions));
    byGrade.forEach(
        (grade, scores) ->
            report.append(
                " %d: %s"
                    .formatted(
                        grade,
                        number(
                            scores.stream()
                                .mapToDouble(Double::doubleValue)
                                .average()
                                .orElse(Double.NaN)))));
    return report.append(System.lineSeparator()).toString();
  }

  private static String labels(List<JsonNode> records) {
    long right =
        records.stream()
            .filter(record -> record.path("expected").equals(result(record).path("label")))
            .count();
    String table =
        AsciiTable.getTable(
            AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS,
            records.stream().limit(SHOWN_PAIRS).toList(),
            List.of(
                column(
                    "label", HorizontalAlign.LEFT, record -> result(record).path("label").asText()),
                column("score", HorizontalAlign.RIGHT, record -> number(score(record))),
                column(
                    "expected", HorizontalAlign.LEFT, record -> record.path("expected").asText()),
                column("first text", HorizontalAlign.LEFT, DemoReport::firstText),
                column("second text", HorizontalAlign.LEFT, DemoReport::secondText)));
    return table
        + System.lineSeparator()
        + "%d of %d pairs have the expected label.%n".formatted(right, records.size());
  }

  /** Returns the records by question and repetition. */
  private static Map<String, List<JsonNode>> byQuestion(List<JsonNode> records) {
    Map<String, Integer> seen = new LinkedHashMap<>();
    Map<String, List<JsonNode>> groups = new LinkedHashMap<>();
    for (JsonNode record : records) {
      String question = record.path("question").asText(record.path("pair").asText());
      String passage = question + "/" + record.path("grade").asText();
      int round = seen.merge(passage, 1, Integer::sum);
      groups.computeIfAbsent(question + "#" + round, key -> new ArrayList<>()).add(record);
    }
    return groups;
  }

  private static JsonNode result(JsonNode record) {
    return record.path("cross_encoder");
  }

  private static double score(JsonNode record) {
    return result(record).path("score").doubleValue();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  private static String firstText(JsonNode record) {
    return shorten(record.path("query").asText(record.path("premise").asText()));
  }

  private static String secondText(JsonNode record) {
    return shorten(record.path("passage").asText(record.path("hypothesis").asText()));
  }

  private static String shorten(String text) {
    int end =
        text.offsetByCodePoints(0, Math.min(TEXT_WIDTH, text.codePointCount(0, text.length())));
    return end == text.length() ? text : text.substring(0, end) + "…";
  }

  private static ColumnData<JsonNode> column(
      String header, HorizontalAlign align, Function<JsonNode, String> value) {
    return new Column()
        .header(header)
        .headerAlign(HorizontalAlign.LEFT)
        .dataAlign(align)
        .maxWidth(TEXT_WIDTH + 4)
        .with(value);
  }
}
