package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;

/** The side on which a text with too many tokens is truncated. */
enum TruncationSide {
  /** The first tokens are kept. */
  RIGHT,
  /** The last tokens are kept. */
  LEFT;

  /** Reads {@code truncation.direction} of a {@code tokenizer.json}; the default is right. */
  static TruncationSide of(JsonNode tokenizer) {
    JsonNode direction = tokenizer.path("truncation").path("direction");
    return direction.asText().equals("Left") ? LEFT : RIGHT;
  }

  /** Returns the ids that are kept. The result may be the same array. */
  int[] keep(int[] ids, int length) {
    if (length == ids.length) {
      return ids;
    }
    int start = this == LEFT ? ids.length - length : 0;
    return Arrays.copyOfRange(ids, start, start + length);
  }
}
