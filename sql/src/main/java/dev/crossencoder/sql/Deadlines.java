package dev.crossencoder.sql;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Calls functions that look for rows in flight past their deadline, on one thread for all tasks of
 * this JVM. The thread ends when no task needs it. It references no class loader of a job.
 */
final class Deadlines {
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final Duration LONGEST_PERIOD = Duration.ofSeconds(1);

  /** How many times a row is looked at before its deadline. */
  private static final int LOOKS = 20;

  private static final ScheduledThreadPoolExecutor EXECUTOR = executor();

  private Deadlines() {}

  private static ScheduledThreadPoolExecutor executor() {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1,
            body -> {
              Thread thread = new Thread(null, body, "cross-encoder-sql-deadlines", 0, false);
              thread.setDaemon(true);
              thread.setContextClassLoader(Deadlines.class.getClassLoader());
              return thread;
            });
    executor.setKeepAliveTime(IDLE.toMillis(), TimeUnit.MILLISECONDS);
    executor.allowCoreThreadTimeOut(true);
    executor.setRemoveOnCancelPolicy(true);
    return executor;
  }

  /**
   * Calls a function repeatedly, until it is cancelled, often enough for rows with a deadline.
   *
   * @param look must not throw
   */
  static ScheduledFuture<?> watch(Duration deadline, Runnable look) {
    long period = Math.max(1, Math.min(deadline.toMillis() / LOOKS, LONGEST_PERIOD.toMillis()));
    return EXECUTOR.scheduleWithFixedDelay(look, period, period, TimeUnit.MILLISECONDS);
  }
}
