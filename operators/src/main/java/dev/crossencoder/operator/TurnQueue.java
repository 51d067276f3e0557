package dev.crossencoder.operator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Elements with parts, such as records with pairs to tokenize. Elements with few parts are taken in
 * order of arrival, and so are elements with very many. The two kinds take turns, so that an
 * element with very many parts does not delay those behind it until its end. Not thread-safe.
 *
 * @param <T> the type of the elements
 */
final class TurnQueue<T> {
  /** The number of parts of a turn, and the largest number of parts that count as few. */
  private static final int PARTS_A_TURN = 256;

  private final Deque<T> few = new ArrayDeque<>();
  private final Deque<T> many = new ArrayDeque<>();
  private Deque<T> turn = few;
  private int partsInTurn;

  boolean isEmpty() {
    return few.isEmpty() && many.isEmpty();
  }

  /**
   * Adds an element.
   *
   * @param parts the number of its parts
   */
  void add(T element, int parts) {
    Deque<T> kind = parts > PARTS_A_TURN ? many : few;
    if (isEmpty()) {
      turn = kind;
      partsInTurn = 0;
    }
    kind.add(element);
  }

  /** Returns the element whose part is next; null if there is none. */
  T peek() {
    if (turn.isEmpty()) {
      changeTurn();
    }
    return turn.peek();
  }

  /** Removes and returns the element that {@link #peek} returns. */
  T poll() {
    T head = peek();
    turn.poll();
    return head;
  }

  /** Counts a part of the element that {@link #peek} returned. */
  void partTaken() {
    partsInTurn++;
    if (partsInTurn >= PARTS_A_TURN) {
      changeTurn();
    }
  }

  private void changeTurn() {
    Deque<T> other = turn == few ? many : few;
    if (!other.isEmpty()) {
      turn = other;
    }
    partsInTurn = 0;
  }

  void forEach(Consumer<T> action) {
    few.forEach(action);
    many.forEach(action);
  }

  void clear() {
    few.clear();
    many.clear();
  }
}
