package dev.crossencoder.operator;

/**
 * What messages call a record: its {@code toString}, which is a user's code. It may throw, and may
 * return anything. Called by the task thread only.
 */
final class RecordName {
  private static final int MAX_LENGTH = 500;

  private RecordName() {}

  /**
   * Returns the name, cut to 500 characters; the class of a record whose {@code toString} fails.
   */
  static String of(Object element) {
    try {
      String name = String.valueOf(element.toString());
      return name.length() <= MAX_LENGTH
          ? name
          : "%s… (%d characters more)"
              .formatted(name.substring(0, MAX_LENGTH), name.length() - MAX_LENGTH);
    } catch (Throwable t) {
      return "of %s, whose toString throws %s"
          .formatted(element.getClass().getName(), t.getClass().getName());
    }
  }
}
