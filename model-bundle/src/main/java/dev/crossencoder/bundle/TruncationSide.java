package dev.crossencoder.bundle;

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

  /** Returns the ids that stay. */
  int[] keep(long[] ids, int length) {
    int start = this == LEFT ? ids.length - length : 0;
    int[] kept = new int[length];
    Arrays.setAll(kept, i -> (int) ids[start + i]);
    return kept;
  }
}
