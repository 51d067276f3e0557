package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.report.PerformancePage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Measures this project, other engines and the limit of the machine, section by section, and writes
 * the page from all results.
 *
 * <p>This process only coordinates: it prepares pairs and models, and sleeps during the turns of
 * the engines. After a failed section, the others are still measured. {@link BenchmarkOptions}
 * lists the system properties. The exit code is 1 if a section failed. Missed requirements are
 * reported on the page only.
 */
public final class Performance {
  private static final List<Section> ALL =
      List.of(
          new ThroughputSection(),
          new LimitSection(),
          new PipelineSection(),
          new LatencySection(),
          new CpuSection(),
          new EnduranceSection(),
          new ColdStartSection());

  /** The names of all sections, in the order in which they are measured. */
  static final List<String> SECTIONS = ALL.stream().map(Section::name).toList();

  private Performance() {}

  /** Measures the sections that the options name. */
  public static void main(String[] args) throws IOException {
    BenchmarkOptions options = BenchmarkOptions.read();
    for (String name : options.sections()) {
      if (!SECTIONS.contains(name)) {
        throw new IllegalArgumentException(
            "Invalid benchmark.sections: %s. It must be of %s.".formatted(name, SECTIONS));
      }
    }
    Session session = new Session(options);
    boolean failed = false;
    for (Section section : ALL) {
      if (options.sections().contains(section.name())) {
        Instant start = Instant.now();
        try {
          session.watch();
          section.run(session);
        } catch (IOException e) {
          System.out.printf("%s FAILED: %s%n", section.name(), e.getMessage());
          failed = true;
        }
        System.out.printf(
            "%s took %d s%n", section.name(), Duration.between(start, Instant.now()).toSeconds());
      }
    }
    PerformancePage.write(session.results(), options.page());
    System.out.printf("Wrote %s%n", options.page());
    System.exit(failed ? 1 : 0);
  }
}
