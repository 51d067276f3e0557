package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;

/** Which side of a text is cut off when it has too many tokens. */
enum TruncationSide {
  /** The first tokens stay. */
  RIGHT,
  /** The last tokens stay. */
  LEFT;

  /** Reads the direction in {@code truncation} of a {@code tokenizer.json}. */
  static TruncationSide of(JsonNode tokenizer) {
    JsonNode direction = tokenizer.path("truncation").path("direction");
    return direction.asText().equals("Left") ? LEFT : RIGHT;
  }

  /** Returns the ids that stay, which may be the same array. */
  int[] keep(int[] ids, int length) {
    if (length == ids.length) {
      return ids;
    }
    int start = this == LEFT ? ids.length - length : 0;
    return Arrays.copyOfRange(ids, start, start + length);
  }
}
