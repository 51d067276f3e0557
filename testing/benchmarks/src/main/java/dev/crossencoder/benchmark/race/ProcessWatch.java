package dev.crossencoder.benchmark.race;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Looks every two seconds how much memory a contender has and how much CPU time the descendants of
 * this process have used. Pages that processes share count in equal parts (PSS). Looks on a thread
 * of its own.
 */
final class ProcessWatch implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 2000;

  private final Thread thread;
  private final Map<Long, Double> cpuSeconds = new ConcurrentHashMap<>();
  private volatile Entrant entrant;
  private volatile long peakScoring;
  private volatile long peakAll;
  private volatile boolean closed;

  ProcessWatch() {
    thread = new Thread(this::look, "process-watch");
    thread.setDaemon(true);
    thread.start();
  }

  /** Starts to watch the memory of a contender; null to stop. */
  void watch(Entrant watched) {
    entrant = watched;
    peakScoring = 0;
    peakAll = 0;
  }

  private void look() {
    try {
      while (!closed) {
        ProcessHandle.current()
            .descendants()
            .forEach(
                process ->
                    cpuSeconds.merge(
                        process.pid(),
                        process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9,
                        Math::max));
        Entrant watched = entrant;
        if (watched != null) {
          long scoring = bytes(watched.scoringProcesses());
          long all = scoring + bytes(watched.jobManagerProcesses());
          if (watched == entrant) {
            peakScoring = Math.max(peakScoring, scoring);
            peakAll = Math.max(peakAll, all);
          }
        }
        TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long bytes(List<ProcessHandle> processes) {
    long sum = 0;
    for (ProcessHandle process : processes) {
      try {
        for (String line :
            Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "smaps_rollup"))) {
          if (line.startsWith("Pss:")) {
            sum += 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
          }
        }
      } catch (IOException e) {
        // It has ended.
      }
    }
    return sum;
  }

  /** The peak of TaskManager, Python workers and servers, in bytes. */
  long peakScoringBytes() {
    return peakScoring;
  }

  /** The same with the JobManager. */
  long peakAllBytes() {
    return peakAll;
  }

  /** Returns the CPU seconds that the descendants of this process have used. */
  double descendantsCpuSeconds() {
    return cpuSeconds.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
