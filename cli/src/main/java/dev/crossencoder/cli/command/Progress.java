package dev.crossencoder.cli.command;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows the progress of long work on standard error: a bar with rate and remaining time on a
 * terminal, otherwise a line every five seconds. Owned by one thread.
 */
public final class Progress implements AutoCloseable {
  private static final long LINE_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int BYTES_PER_MEGABYTE = 1_000_000;

  private final String task;
  private final String unit;
  private final long size;
  private final long total;
  private final PrintStream out;
  private final ProgressBar bar;
  private long done;
  private long lastLine = System.nanoTime();

  private Progress(
      String task, String unit, long size, long total, PrintStream out, boolean terminal) {
    this.task = task;
    this.unit = unit;
    this.size = size;
    this.total = total;
    this.out = out;
    this.bar =
        terminal
            ? new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setUnit(" " + unit, size)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .showSpeed()
                .build()
            : null;
  }

  /**
   * Starts a progress display.
   *
   * @param total the amount of work in units; negative if unknown
   */
  public static Progress start(String task, String unit, long total) {
    return new Progress(task, unit, 1, total, System.err, isTerminal());
  }

  /**
   * Starts a progress display in bytes, shown in megabytes.
   *
   * @param total the number of bytes; negative if unknown
   */
  static Progress startBytes(String task, long total) {
    return new Progress(task, "MB", BYTES_PER_MEGABYTE, total, System.err, isTerminal());
  }

  /**
   * Returns whether standard error is a terminal. The launcher script passes this in a system
   * property, because Java cannot determine it.
   */
  private static boolean isTerminal() {
    return Boolean.getBoolean("cross-encoder.terminal");
  }

  public void update(long newDone) {
    done = newDone;
    if (bar != null) {
      bar.stepTo(done);
    } else if (System.nanoTime() - lastLine >= LINE_INTERVAL_NANOS) {
      lastLine = System.nanoTime();
      printLine();
    }
  }

  private void printLine() {
    if (total < 0) {
      out.printf("%s: %,d %s%n", task, done / size, unit);
    } else {
      out.printf("%s: %,d of %,d %s%n", task, done / size, total / size, unit);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
