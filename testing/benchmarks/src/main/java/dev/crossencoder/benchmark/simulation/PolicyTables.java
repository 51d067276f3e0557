package dev.crossencoder.benchmark.simulation;

import dev.crossencoder.benchmark.report.MarkdownTable;
import dev.crossencoder.benchmark.simulation.Setting.Group;
import java.util.List;
import java.util.Locale;

/** Writes what a study found about one process of arrivals. */
final class PolicyTables {
  private PolicyTables() {}

  static void write(StringBuilder text, PolicyStudy study, String arrivals) {
    text.append("\n").append(arrivals).append("\n\n");
    MarkdownTable table =
        MarkdownTable.in(
            text,
            List.of(
                "load",
                "default p50",
                "default p99",
                "best fixed fp32 p99",
                "limits follow p99",
                "best fixed int8 p99",
                "mostly fp32 p99",
                "of it in fp32",
                "its setting"));
    for (double load : PolicyStudy.LOADS) {
      PolicyPoint usual = study.usual(arrivals, load);
      PolicyPoint mostly = study.bestMostlyFp32(arrivals, load).orElse(null);
      table.row(
          List.of(
              String.format(Locale.ROOT, "%.2f", load),
              millis(usual.p50()),
              millis(usual.p99()),
              millis(study.best(arrivals, load, Group.FIXED_FP32).p99()),
              millis(study.best(arrivals, load, Group.LIMITS_FP32).p99()),
              millis(study.best(arrivals, load, Group.FIXED_INT8).p99()),
              mostly == null ? "" : millis(mostly.p99()),
              mostly == null ? "" : String.format(Locale.ROOT, "%.0f %%", 100 * mostly.fp32()),
              mostly == null ? "none" : mostly.setting()));
    }
    text.append("\nloads at which precision meets its bar: ")
        .append(study.loadsWherePrecisionHelps(arrivals))
        .append("\n")
        .append(study.limitsVerdict(arrivals))
        .append("\n");
    for (Group group :
        List.of(
            Group.FIXED_FP32,
            Group.LIMITS_FP32,
            Group.FIXED_INT8,
            Group.LIMITS_INT8,
            Group.INT8_ABOVE)) {
      PolicyStudy.Mean best = study.bestOverLoads(arrivals, group);
      text.append(
          String.format(
              Locale.ROOT,
              "%s: %s, mean p99 %.0f ms%n",
              group.title(),
              best.setting(),
              best.millis()));
    }
  }

  private static String millis(double value) {
    return String.format(Locale.ROOT, "%.0f ms", value);
  }
}
