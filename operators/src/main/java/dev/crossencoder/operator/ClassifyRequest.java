package dev.crossencoder.operator;

import java.util.List;
import org.apache.flink.annotation.PublicEvolving;

/**
 * A text and the labels that it can get.
 *
 * @param text the text; null for a record without one, which has no labels in its result
 * @param labels the candidate labels; null for those of the option {@code
 *     cross-encoder.classify.labels}
 */
@PublicEvolving
public record ClassifyRequest(String text, List<String> labels) {
  public ClassifyRequest {
    labels = labels == null ? null : List.copyOf(labels);
  }

  /** A text that can get the labels of the option. */
  public ClassifyRequest(String text) {
    this(text, null);
  }

  /** Returns the length of the text only, because texts must not get into logs. */
  @Override
  public String toString() {
    return "ClassifyRequest[" + (text == null ? "no text" : text.length() + " chars") + "]";
  }
}
