package dev.crossencoder.model.catalog;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The task that a model of the catalog was trained for. */
public enum CatalogTask {
  /** The relevance of a passage to a query, trained on MS MARCO. */
  MS_MARCO("relevance of a passage to a query, trained on MS MARCO"),
  /** The relevance of a passage to a query, trained on several collections. */
  RERANKING("relevance of a passage to a query, trained on several collections"),
  /** Whether a passage answers a question. */
  QNLI("whether a passage answers a question"),
  /** The semantic similarity of two sentences. */
  STSB("similarity in meaning of two sentences"),
  /** Whether two questions are duplicates. */
  QUORA("whether two questions are duplicates"),
  /** Whether a premise entails a hypothesis, contradicts it, or neither. */
  NLI("whether a premise entails or contradicts a hypothesis"),
  /** Zero-shot classification: models trained on NLI data, used with labels of your own. */
  ZERO_SHOT("whether a text entails a sentence that contains a label, for labels of your own");

  private final String description;

  CatalogTask(String description) {
    this.description = description;
  }

  /** The name in the catalog and in options, such as {@code ms-marco}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The meaning of the scores, as a phrase. */
  public String description() {
    return description;
  }

  /**
   * Returns the task for a {@link #key}.
   *
   * @throws IllegalArgumentException if there is no such task
   */
  public static CatalogTask parse(String key) {
    return Arrays.stream(values())
        .filter(task -> task.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid task: %s. It must be one of %s."
                        .formatted(
                            key,
                            Arrays.stream(values())
                                .map(CatalogTask::key)
                                .collect(Collectors.joining(", ")))));
  }
}
