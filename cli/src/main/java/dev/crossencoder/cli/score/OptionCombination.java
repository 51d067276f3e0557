package dev.crossencoder.cli.score;

import dev.crossencoder.cli.command.LabelOptions;
import dev.crossencoder.cli.command.ModelOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;

/** Refuses options that contradict each other, or that have no effect beside others. */
record OptionCombination(
    CommandLine commandLine,
    ModelOptions model,
    LabelOptions labels,
    FieldOptions fields,
    ResultOptions results) {
  /** Checks the options that say what records contain. */
  void check() {
    if (results.maxDocuments() <= 0) {
      throw invalid("--max-documents: %d. It must be positive.".formatted(results.maxDocuments()));
    }
    labels
        .withoutLabels()
        .ifPresent(
            option -> {
              throw invalid(
                  "%s: it needs --labels, the labels that a text can get.".formatted(option));
            });
    if (labels.given()) {
      checkLabelsAlone();
      return;
    }
    if (fields.documents() != null) {
      if (results.labelThreshold() != null) {
        throw invalid(
            "--label-threshold: %s. Documents have scores and no labels: use --min-score."
                .formatted(results.labelThreshold()));
      }
      if (fields.textPair() != null) {
        throw invalid(
            "--text-pair: with --input-documents, the documents are the second texts. Leave one of the two out.");
      }
      return;
    }
    if (fields.documentText() != null || results.topN() != null || results.returnDocuments()) {
      throw invalid(
          "%s: it needs --input-documents, the array of documents to rank."
              .formatted(
                  fields.documentText() != null
                      ? "--document-text"
                      : results.topN() != null ? "--top-n" : "--return-documents"));
    }
    if ((fields.text() == null) != (fields.textPair() == null)) {
      throw new CommandLine.ParameterException(
          commandLine, "Invalid options: set both --text and --text-pair, or neither.");
    }
  }

  private void checkLabelsAlone() {
    if (model.dividesTexts()) {
      throw invalid(
          "--long-document: classification reads a text up to what fits beside a label. Leave the option out.");
    }
    if (model.wantsEvidence()) {
      throw invalid("--evidence: a classification has none. Leave the option out.");
    }
    labels.labels();
    labels.options();
    Map<String, Boolean> others = new LinkedHashMap<>();
    others.put("--text-pair", fields.textPair() != null);
    others.put("--input-documents", fields.documents() != null);
    others.put("--document-text", fields.documentText() != null);
    others.put("--top-n", results.topN() != null);
    others.put("--min-score", results.minScore() != null);
    others.put("--return-documents", results.returnDocuments());
    others.put("--logits", results.logits());
    others.forEach(
        (option, given) -> {
          if (given) {
            throw invalid(
                "%s: with --labels, the text at --text is classified. Leave one of the two out."
                    .formatted(option));
          }
        });
  }

  /** Checks the options of tables. */
  void checkTable() {
    if (labels.given()) {
      throw invalid("--labels: it needs JSON Lines. 'classify' reads tables, too.");
    }
    checkOnlyJson("--input-documents", fields.documents());
    checkOnlyJson("--min-score", results.minScore());
    checkOnlyJson("--label-threshold", results.labelThreshold());
    if (model.wantsEvidence()) {
      throw invalid("--evidence: it needs JSON Lines; tables have no column for it.");
    }
  }

  private void checkOnlyJson(String option, Object value) {
    if (value != null) {
      throw invalid("%s: %s. It needs JSON Lines.".formatted(option, value));
    }
  }

  private CommandLine.ParameterException invalid(String what) {
    return new CommandLine.ParameterException(commandLine, "Invalid " + what);
  }
}
