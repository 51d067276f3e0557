package dev.crossencoder.benchmark.worker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** Measures the time and the CPU time of this process since its start. */
final class Clock {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final long startNanos = System.nanoTime();
  private final long startCpuNanos = cpuNanos();

  private Clock() {}

  static Clock start() {
    return new Clock();
  }

  /** CPU time of all threads of this process. */
  static long cpuNanos() {
    return SYSTEM.getProcessCpuTime();
  }

  /** Stops the clock, and returns a reply with {@code seconds} and {@code cpuSeconds}. */
  ObjectNode reply() {
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    double cpuSeconds = (cpuNanos() - startCpuNanos) / 1e9;
    return JsonNodeFactory.instance
        .objectNode()
        .put("seconds", seconds)
        .put("cpuSeconds", cpuSeconds);
  }
}
