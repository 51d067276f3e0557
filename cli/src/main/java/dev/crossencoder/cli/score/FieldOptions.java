package dev.crossencoder.cli.score;

import dev.crossencoder.cli.command.LabelOptions;
import dev.crossencoder.job.record.ClassifyFields;
import dev.crossencoder.job.record.DocumentFields;
import dev.crossencoder.job.record.InputFraming;
import dev.crossencoder.job.record.PairFields;
import dev.crossencoder.job.record.ResultMember;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The places of the texts in a record, and of the result. */
final class FieldOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--text",
      paramLabel = "POINTER|NAME",
      description =
          "The JSON Pointer of the first text, or the name of its column. By default query, or premise if there is no query.")
  private String text;

  @Option(
      names = "--text-pair",
      paramLabel = "POINTER|NAME",
      description =
          "The JSON Pointer of the second text, or the name of its column. By default passage, or hypothesis if there is no passage.")
  private String textPair;

  @Option(
      names = "--input-documents",
      paramLabel = "POINTER",
      description = {
        "The JSON Pointer of an array of documents, such as /documents. Each record's documents are ranked by the query at --text, by default /query.",
        "A document is a string or an object. Needs JSON Lines."
      })
  private String documents;

  @Option(
      names = "--document-text",
      paramLabel = "POINTER",
      description =
          "The JSON Pointer of the text in a document that is an object. By default /text, or /content if there is no /text.")
  private String documentText;

  @Option(
      names = "--field",
      paramLabel = "NAME",
      defaultValue = "cross_encoder",
      description =
          "The name of the member with the result (default: ${DEFAULT-VALUE}). In CSV and TSV the prefix of the result columns, as in ${DEFAULT-VALUE}_score.")
  private String field;

  @Option(
      names = "--overwrite",
      description = "Replace an existing member, or existing columns, with the name of the result.")
  private boolean overwrite;

  String text() {
    return text;
  }

  String textPair() {
    return textPair;
  }

  String documents() {
    return documents;
  }

  String documentText() {
    return documentText;
  }

  /** Checks the name of the result. */
  void checkField() {
    if (field.isEmpty() || !StandardCharsets.UTF_8.newEncoder().canEncode(field)) {
      throw invalid("--field: it must be the name of a JSON member.");
    }
  }

  /** Returns the member of a JSON record in which the result is written. */
  ResultMember member(ResultOptions results) {
    return new ResultMember(field, overwrite, results.logits(), InputFraming.NONE);
  }

  /** Returns the columns of a table. */
  CsvPairs.Columns columns(ResultOptions results) {
    return new CsvPairs.Columns(text, textPair, field, overwrite, results.logits());
  }

  /** Returns the places of the two texts. */
  List<PairFields> pairFields() {
    if (text != null) {
      checkPointer("--text", text);
      checkPointer("--text-pair", textPair);
    }
    List<PairFields> fields =
        text == null ? PairFields.DEFAULTS : List.of(new PairFields(text, textPair));
    for (PairFields pair : fields) {
      pair.pointerInto(field).ifPresent(this::refuseField);
    }
    return fields;
  }

  /** Returns the places of the query and the documents. */
  DocumentFields documentFields() {
    checkPointer("--input-documents", documents);
    if (text != null) {
      checkPointer("--text", text);
    }
    if (documentText != null) {
      checkPointer("--document-text", documentText);
    }
    DocumentFields fields =
        new DocumentFields(
            text == null ? DocumentFields.DEFAULT_QUERY : text,
            documents,
            documentText == null ? DocumentFields.DEFAULT_TEXTS : List.of(documentText));
    if (fields.queryIsInDocuments()) {
      throw invalid(
          "--text: %s. The query must not be part of the documents, %s."
              .formatted(fields.query(), documents));
    }
    fields.pointerInto(field).ifPresent(this::refuseField);
    return fields;
  }

  /** Returns the places of the text and of its labels. */
  ClassifyFields classifyFields(LabelOptions labelOptions) {
    String pointer = ClassifyFields.pointer(labelOptions.labels()).orElse(null);
    if (text != null) {
      checkPointer("--text", text);
    }
    ClassifyFields fields =
        new ClassifyFields(text == null ? ClassifyFields.DEFAULT_TEXT : text, pointer);
    if (fields.textIsInLabels()) {
      throw invalid(
          "--text: %s. The text must not be part of the labels, %s."
              .formatted(fields.text(), pointer));
    }
    fields.pointerInto(field).ifPresent(this::refuseField);
    return fields;
  }

  private void refuseField(String pointer) {
    throw invalid(
        "--field: %s. The pointer %s leads into it, but the result is written there. Choose another name, or another pointer."
            .formatted(field, pointer));
  }

  private void checkPointer(String option, String pointer) {
    if (!pointer.startsWith("/")) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "Invalid %s: %s. In JSON it must be a pointer, such as /query; names of columns need --format csv or tsv."
              .formatted(option, pointer.isEmpty() ? "(empty)" : pointer));
    }
  }

  private CommandLine.ParameterException invalid(String what) {
    return new CommandLine.ParameterException(spec.commandLine(), "Invalid " + what);
  }
}
