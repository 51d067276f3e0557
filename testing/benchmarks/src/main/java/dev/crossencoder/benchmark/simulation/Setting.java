package dev.crossencoder.benchmark.simulation;

import dev.crossencoder.model.BatchLimits;
import java.util.ArrayList;
import java.util.List;

/**
 * A policy with its parameters.
 *
 * @param name what a table calls it
 * @param group which settings are alternatives to each other
 * @param policy how batches are formed
 */
record Setting(String name, Group group, Policy policy) {
  /** The default limits, and smaller ones. */
  static final List<BatchLimits> LIMITS =
      List.of(BatchLimits.DEFAULT, new BatchLimits(16, 512), new BatchLimits(8, 256));

  private static final List<Integer> LINGERS = List.of(0, 5, 20);
  private static final List<Long> LONG_QUEUES = List.of(256L, 512L, 1024L, 2048L);
  private static final List<Long> INT8_QUEUES = List.of(256L, 512L, 1024L, 2048L, 4096L, 8192L);
  private static final List<Double> PARTS = List.of(0.25, 0.5, 0.75);

  /** The kinds of settings. */
  enum Group {
    FIXED_FP32("fp32, fixed"),
    FIXED_INT8("int8, fixed"),
    LIMITS_FP32("fp32, limits follow the queue"),
    LIMITS_INT8("int8, limits follow the queue"),
    INT8_ABOVE("int8 above a queue"),
    TARGET("int8 by the target");

    private final String title;

    Group(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }
  }

  /** The default options. */
  static Setting usual() {
    return fixed(BatchLimits.DEFAULT, 0, false);
  }

  private static Setting fixed(BatchLimits limits, int linger, boolean int8) {
    return new Setting(
        "%s, %s, linger %d ms".formatted(int8 ? "int8" : "fp32", text(limits), linger),
        int8 ? Group.FIXED_INT8 : Group.FIXED_FP32,
        Policy.fixed(limits, linger, int8));
  }

  /** Returns all settings that do not depend on a target. */
  static List<Setting> all() {
    List<Setting> settings = new ArrayList<>();
    for (boolean int8 : new boolean[] {false, true}) {
      for (BatchLimits limits : LIMITS) {
        for (int linger : LINGERS) {
          settings.add(fixed(limits, linger, int8));
        }
      }
      for (BatchLimits small : LIMITS.subList(1, LIMITS.size())) {
        for (long tokens : LONG_QUEUES) {
          settings.add(
              new Setting(
                  "%s, %s, from %d waiting tokens %s"
                      .formatted(
                          int8 ? "int8" : "fp32", text(small), tokens, text(BatchLimits.DEFAULT)),
                  int8 ? Group.LIMITS_INT8 : Group.LIMITS_FP32,
                  Policy.followingLimits(small, BatchLimits.DEFAULT, tokens, int8)));
        }
      }
    }
    for (BatchLimits limits : LIMITS) {
      for (long tokens : INT8_QUEUES) {
        settings.add(
            new Setting(
                "%s, int8 above %d waiting tokens".formatted(text(limits), tokens),
                Group.INT8_ABOVE,
                Policy.int8Above(limits, tokens)));
      }
    }
    return settings;
  }

  /** Returns the settings for a target of the 99th percentile. */
  static List<Setting> ofTarget(double targetMillis, double millisPerToken) {
    List<Setting> settings = new ArrayList<>();
    for (BatchLimits limits : LIMITS) {
      for (double part : PARTS) {
        settings.add(
            new Setting(
                "%s, int8 from %.2f of %.0f ms".formatted(text(limits), part, targetMillis),
                Group.TARGET,
                Policy.target(limits, targetMillis, part, millisPerToken)));
      }
    }
    return settings;
  }

  private static String text(BatchLimits limits) {
    return "%d/%d".formatted(limits.maxPairs(), limits.maxTokens());
  }
}
