package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.report.PerformancePage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Measures this project, its peers and the machine's limit, section by section, and writes the page
 * from all results that there are.
 *
 * <p>This process only coordinates: it prepares pairs and models, lets processes take their turns
 * and sleeps meanwhile. A section that fails does not keep the others from being measured. {@link
 * BenchmarkOptions} has the system properties. Exits with 1 if a section failed; a bar that is
 * missed is the page's to tell.
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

  /** Measures what the options name. */
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
