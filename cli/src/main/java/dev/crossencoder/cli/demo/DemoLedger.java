package dev.crossencoder.cli.demo;

import dev.crossencoder.cli.local.DemoRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Compares results with the produced records by id. Owned by one thread.
 *
 * <p>Every id must have exactly one result: a score if the record was well formed, otherwise a dead
 * letter.
 */
final class DemoLedger {
  private final Map<String, Entry> entries = new HashMap<>();
  private int scored;
  private int deadLetters;
  private int unknown;

  private static final class Entry {
    private final DemoRecord produced;
    private int scored;
    private int deadLetters;

    private Entry(DemoRecord produced) {
      this.produced = produced;
    }

    private boolean isSettled() {
      return scored + deadLetters > 0;
    }

    private boolean isRight() {
      return produced.wellFormed()
          ? scored == 1 && deadLetters == 0
          : scored == 0 && deadLetters == 1;
    }
  }

  DemoLedger(List<DemoRecord> produced) {
    produced.forEach(record -> entries.put(record.id(), new Entry(record)));
  }

  void scored(String id) {
    scored++;
    find(id).ifPresent(entry -> entry.scored++);
  }

  void deadLetter(String id) {
    deadLetters++;
    find(id).ifPresent(entry -> entry.deadLetters++);
  }

  private Optional<Entry> find(String id) {
    Optional<Entry> entry = Optional.ofNullable(entries.get(id));
    if (entry.isEmpty()) {
      unknown++;
    }
    return entry;
  }

  int scored() {
    return scored;
  }

  int deadLetters() {
    return deadLetters;
  }

  /** The number of results, including duplicates. */
  int returned() {
    return scored + deadLetters;
  }

  /** Returns whether every id has at least one result. */
  boolean isComplete() {
    return entries.values().stream().allMatch(Entry::isSettled);
  }

  /**
   * Returns one sentence for each kind of error; empty if every id has exactly one result, on the
   * right topic.
   */
  List<String> complaints() {
    List<String> complaints = new ArrayList<>();
    complain(complaints, "never came back", entry -> !entry.isSettled());
    complain(complaints, "came back more than once", entry -> entry.scored + entry.deadLetters > 1);
    complain(
        complaints,
        "came back on the wrong topic",
        entry -> entry.scored + entry.deadLetters == 1 && !entry.isRight());
    if (unknown > 0) {
      complaints.add(unknown + " records came back that were never sent.");
    }
    return complaints;
  }

  private void complain(List<String> complaints, String what, Predicate<Entry> wrong) {
    List<String> ids =
        entries.values().stream().filter(wrong).map(entry -> entry.produced.id()).sorted().toList();
    if (!ids.isEmpty()) {
      complaints.add("%d records %s, the first is %s.".formatted(ids.size(), what, ids.get(0)));
    }
  }
}
