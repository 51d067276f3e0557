package dev.crossencoder.job.record;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonPointer;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Where the text of a record and its candidate labels are.
 *
 * @param text JSON Pointer (RFC 6901) of the text
 * @param labels JSON Pointer of the array of labels; null if the options name the labels
 */
@PublicEvolving
public record ClassifyFields(String text, String labels) implements Serializable {
  /** The place of the text unless another one is given. */
  public static final String DEFAULT_TEXT = "/text";

  private static final long serialVersionUID = 1L;

  public ClassifyFields {
    requireNonNull(text, "text is null");
  }

  /**
   * Returns the JSON Pointer that the option for labels gives instead of labels: its only value, if
   * that begins with a slash.
   */
  public static Optional<String> pointer(List<String> labels) {
    return labels.size() == 1 && labels.get(0).startsWith("/")
        ? Optional.of(labels.get(0))
        : Optional.empty();
  }

  /**
   * Returns the pointer that refers to a member of the record or to a part of it, if one of the
   * pointers does. A result with the name of that member would replace it.
   */
  public Optional<String> pointerInto(String member) {
    return Stream.of(text, labels)
        .filter(Objects::nonNull)
        .filter(pointer -> member.equals(JsonPointer.compile(pointer).getMatchingProperty()))
        .findFirst();
  }

  /** Returns whether the text is one of the labels or a part of one. */
  public boolean textIsInLabels() {
    return labels != null && (text.equals(labels) || text.startsWith(labels + "/"));
  }

  @Override
  public String toString() {
    return labels == null ? text : text + " and " + labels;
  }
}
