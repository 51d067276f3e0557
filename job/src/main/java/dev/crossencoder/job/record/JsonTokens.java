package dev.crossencoder.job.record;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonToken;
import java.util.function.UnaryOperator;

/** What the passes over a record's JSON share. */
final class JsonTokens {
  private JsonTokens() {}

  /** Returns the rest of each pointer after a step; null for a pointer that leads elsewhere. */
  static JsonPointer[] descend(JsonPointer[] pointers, UnaryOperator<JsonPointer> step) {
    JsonPointer[] tails = new JsonPointer[pointers.length];
    for (int i = 0; i < pointers.length; i++) {
      tails[i] = pointers[i] == null ? null : step.apply(pointers[i]);
    }
    return tails;
  }

  /** Names the kind of a value for a message. */
  static String kind(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_NULL -> "null";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_STRING -> "a string";
      default -> "a number";
    };
  }
}
