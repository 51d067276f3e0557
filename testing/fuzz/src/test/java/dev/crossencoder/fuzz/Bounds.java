package dev.crossencoder.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * What any input may cost: memory in proportion to its size, and little time. Owned by one thread,
 * whose allocations and CPU time are measured.
 */
public final class Bounds {
  private static final long BASE_BYTES = 64L << 20;
  private static final int BYTES_PER_INPUT_BYTE = 100;
  private static final Duration CPU_TIME = Duration.ofSeconds(5);

  /** No message should fill a log, whatever it quotes. */
  private static final int MESSAGE_LENGTH = 8192;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Bounds() {}

  /** What is done with an input. */
  @FunctionalInterface
  public interface Action {
    /** Does it. */
    void run() throws Exception;
  }

  /**
   * Does something with an input, twice if it seems to cost too much.
   *
   * @param inputBytes the input's size
   * @param refusal the exception that a bad input may lead to, and must explain
   * @return whether the input was accepted
   * @throws AssertionError if it took more than an input of this size may, or failed in another way
   */
  public static boolean check(int inputBytes, Class<? extends Exception> refusal, Action action) {
    Cost cost = new Cost();
    boolean accepted = run(refusal, action);
    if (cost.exceeds(inputBytes)) {
      // Classes that were loaded on the way cost more than any input, but only once.
      cost = new Cost();
      run(refusal, action);
      require(
          !cost.exceeds(inputBytes),
          "An input of %d bytes allocates less than %d bytes and takes less than %d ms",
          inputBytes,
          allowed(inputBytes),
          CPU_TIME.toMillis());
    }
    return accepted;
  }

  /** What the thread has used since this was made. */
  private static final class Cost {
    private final long allocated = THREADS.getCurrentThreadAllocatedBytes();
    private final long cpu = THREADS.getCurrentThreadCpuTime();

    private boolean exceeds(int inputBytes) {
      return THREADS.getCurrentThreadAllocatedBytes() - allocated > allowed(inputBytes)
          || THREADS.getCurrentThreadCpuTime() - cpu > CPU_TIME.toNanos();
    }
  }

  private static long allowed(int inputBytes) {
    return BASE_BYTES + (long) BYTES_PER_INPUT_BYTE * inputBytes;
  }

  private static boolean run(Class<? extends Exception> refusal, Action action) {
    try {
      action.run();
      return true;
    } catch (Exception e) {
      if (!refusal.isInstance(e)) {
        throw new AssertionError("An input was refused by " + e, e);
      }
      checkMessage(e);
      return false;
    }
  }

  private static void checkMessage(Exception refused) {
    String message = refused.getMessage();
    if (message == null || message.isBlank() || message.length() > MESSAGE_LENGTH) {
      throw new AssertionError(
          "An input was refused with a message of %d characters"
              .formatted(message == null ? 0 : message.length()),
          refused);
    }
  }

  /**
   * Fails the run if something that must hold for an accepted input does not.
   *
   * @throws AssertionError if it does not
   */
  public static void require(boolean holds, String claim, Object... values) {
    if (!holds) {
      throw new AssertionError("This must hold: " + claim.formatted(values));
    }
  }
}
