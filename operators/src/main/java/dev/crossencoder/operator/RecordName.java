package dev.crossencoder.operator;

/**
 * Names a record in messages by its {@code toString}, which is user code and may throw or return
 * null. Called by the task thread only.
 */
final class RecordName {
  private static final int MAX_LENGTH = 500;

  private RecordName() {}

  /**
   * Returns the first 500 characters of {@code toString}, or the class name if {@code toString}
   * throws.
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
