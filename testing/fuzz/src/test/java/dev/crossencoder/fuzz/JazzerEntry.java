package dev.crossencoder.fuzz;

import java.io.IOException;

/** What Jazzer calls, by the names that it looks for. */
public final class JazzerEntry {
  private static FuzzTarget target;

  private JazzerEntry() {}

  /**
   * Called once.
   *
   * @param arguments the key of the target
   */
  public static void fuzzerInitialize(String[] arguments) {
    target = FuzzTarget.of(arguments[0]);
  }

  /** Called with every input. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    target.accepts(input);
  }
}
