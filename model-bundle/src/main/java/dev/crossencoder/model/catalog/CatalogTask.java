package dev.crossencoder.model.catalog;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a model of the catalog was trained to say of two texts. */
public enum CatalogTask {
  /** How relevant is the passage to the query? Trained on MS MARCO. */
  MS_MARCO("relevance of a passage to a query, trained on MS MARCO"),
  /** How relevant is the passage to the query? Trained on several collections. */
  RERANKING("relevance of a passage to a query, trained on several collections"),
  /** Does the passage answer the question? */
  QNLI("whether a passage answers a question"),
  /** How close are the two texts in meaning? */
  STSB("similarity in meaning of two sentences"),
  /** Are the two questions duplicates? */
  QUORA("whether two questions are duplicates"),
  /** Does the premise entail the hypothesis, contradict it, or neither? */
  NLI("whether a premise entails or contradicts a hypothesis"),
  /** Does the text fit a label that nobody trained it on? Trained on NLI, used for labels. */
  ZERO_SHOT("whether a text entails a sentence with a label, for labels of one's own");

  private final String description;

  CatalogTask(String description) {
    this.description = description;
  }

  /** The name in the catalog and in options, such as {@code ms-marco}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What the scores mean, as a phrase. */
  public String description() {
    return description;
  }

  /**
   * Returns the task with a name as {@link #key} gives it.
   *
   * @throws IllegalArgumentException if there is none
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
