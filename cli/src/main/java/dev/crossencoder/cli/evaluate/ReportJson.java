package dev.crossencoder.cli.evaluate;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Formats a report as a JSON object on one line. */
final class ReportJson {
  private ReportJson() {}

  static String of(Report report) {
    ObjectNode root = JsonMapper.builder().build().createObjectNode();
    root.put("task", report.task());
    put(root, report.system());
    report.compared().ifPresent(other -> put(root.putObject("compared_with"), other));
    report.counts().forEach(root::put);
    ObjectNode figures = root.putObject("figures");
    for (Report.Row row : report.rows()) {
      ObjectNode figure = figures.putObject(row.name()).put("value", row.value());
      if (row.before() != null) {
        figure.put("before", row.before());
      }
      if (row.published() != null) {
        figure.put("published", row.published());
        figure.put("difference_to_published", row.value() - row.published());
      }
      if (row.difference() != null) {
        figure
            .put("compared", row.other())
            .put("difference", row.difference().value())
            .put("low", row.difference().low())
            .put("high", row.difference().high())
            .put("p_value", row.difference().pValue());
      }
      Double threshold = report.thresholds().get(row.name());
      if (threshold != null) {
        figure.put("threshold", threshold);
      }
    }
    if (!report.labels().isEmpty()) {
      ArrayNode labels = root.putArray("labels");
      report.labels().forEach(labels::add);
      ArrayNode confusion = root.putArray("confusion");
      report
          .confusion()
          .forEach(
              counts -> {
                ArrayNode row = confusion.addArray();
                counts.forEach(row::add);
              });
    }
    ArrayNode notes = root.putArray("notes");
    report.notes().forEach(notes::add);
    return root.toString();
  }

  private static void put(ObjectNode object, Report.EvaluatedSystem system) {
    object.put("model", system.name());
    if (system.revision() != null) {
      object.put("revision", system.revision());
    }
    if (!system.options().isEmpty()) {
      object.put("options", system.options());
    }
  }
}
