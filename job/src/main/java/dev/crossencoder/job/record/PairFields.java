package dev.crossencoder.job.record;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonPointer;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Where the two texts of a record are.
 *
 * @param text JSON Pointer (RFC 6901) of the first text
 * @param textPair JSON Pointer of the second text
 */
@PublicEvolving
public record PairFields(String text, String textPair) implements Serializable {
  /** The defaults: query and passage, or premise and hypothesis. */
  public static final List<PairFields> DEFAULTS =
      List.of(new PairFields("/query", "/passage"), new PairFields("/premise", "/hypothesis"));

  public PairFields {
    requireNonNull(text, "text is null");
    requireNonNull(textPair, "textPair is null");
  }

  /**
   * Returns the pointer that refers to a member of the record or to a part of it, if one of the two
   * pointers does. A result with the name of that member would replace a text.
   */
  public Optional<String> pointerInto(String member) {
    return Stream.of(text, textPair)
        .filter(pointer -> member.equals(JsonPointer.compile(pointer).getMatchingProperty()))
        .findFirst();
  }

  @Override
  public String toString() {
    return text + " and " + textPair;
  }
}
