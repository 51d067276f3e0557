package dev.crossencoder.job.record;

import dev.crossencoder.operator.Failure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The documents of a record, in their order. Owned by one thread. */
final class Documents {
  private final List<String> texts = new ArrayList<>();
  private final Map<Integer, Failure> refused = new HashMap<>();

  void add(String text) {
    texts.add(text);
  }

  /** Adds a document that has no text. */
  void refuse(String code, String message) {
    refused.put(texts.size(), new Failure(code, message));
    texts.add(null);
  }

  /** The texts; null for a document without one. */
  List<String> texts() {
    return texts;
  }

  /** Why documents have no text, by their indexes. */
  Map<Integer, Failure> refused() {
    return refused;
  }
}
