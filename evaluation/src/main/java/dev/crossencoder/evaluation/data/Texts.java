package dev.crossencoder.evaluation.data;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/** Collects the texts of a file by id. Owned by one thread. */
final class Texts {
  private final TextFile file;
  private final String what;
  private final Predicate<String> wanted;
  private final Map<String, String> texts = new LinkedHashMap<>();
  private final Problems contradicting;
  private boolean any;

  /**
   * Creates an instance.
   *
   * @param what a text of this file is, for messages
   * @param wanted whether the text of an id is kept
   */
  Texts(TextFile file, String what, Predicate<String> wanted) {
    this.file = file;
    this.wanted = wanted;
    this.what = what;
    this.contradicting =
        new Problems(
            "%,d of its ids have another text before", "An id must stand for one " + what + ".");
  }

  void add(String id, String text) {
    any = true;
    if (!wanted.test(id)) {
      return;
    }
    String before = texts.putIfAbsent(id, text);
    if (before != null && !before.equals(text)) {
      contradicting.add(id);
    }
  }

  /**
   * Returns the texts by id, in the order of the file.
   *
   * @throws InvalidDataException if there is none, or an id has two texts
   */
  Map<String, String> complete() {
    contradicting.throwIfAny(file);
    if (!any) {
      throw file.empty(what);
    }
    return texts;
  }
}
