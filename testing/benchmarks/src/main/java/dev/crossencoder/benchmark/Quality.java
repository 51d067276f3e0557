package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.quality.HeldOut;
import dev.crossencoder.benchmark.quality.HeldOutSet;
import dev.crossencoder.benchmark.quality.QualityFiles;
import dev.crossencoder.benchmark.quality.QualityMeasurement;
import dev.crossencoder.benchmark.quality.QualityPage;
import dev.crossencoder.benchmark.quality.QualityResult;
import dev.crossencoder.benchmark.quality.Scorer;
import dev.crossencoder.benchmark.quality.Setting;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.hub.DownloadListener;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Measures what precision, length and chunks cost the embedded models in quality on held-out data,
 * and what they gain in speed, and writes the page. {@link QualityOptions} lists the system
 * properties.
 */
public final class Quality {
  private Quality() {}

  /** An opened model. */
  private record OpenedModel(CrossEncoder model) implements Scorer {
    @Override
    public List<Score> score(List<TextPair> pairs) {
      return model.score(pairs);
    }

    @Override
    public int tokens(TextPair pair) {
      return model.encode(pair).length();
    }

    @Override
    public void close() {
      model.close();
    }
  }

  /** Measures what the options name. */
  public static void main(String[] args) throws IOException {
    QualityOptions options = QualityOptions.read();
    QualityFiles files = new QualityFiles(options.results());
    for (HeldOutSet set : options.sets()) {
      Path file = files.write(measure(set, options));
      System.out.printf("Wrote %s%n", file);
    }
    QualityPage.write(files, options.page());
    System.out.printf("Wrote %s%n", options.page());
  }

  private static QualityResult measure(HeldOutSet set, QualityOptions options) throws IOException {
    String name =
        switch (set) {
          case NLI -> "demo-nli";
          case QA -> "demo-qa";
          case DL19, CRANFIELD -> options.rankModel();
        };
    HeldOut data = set.read(options.data(), options.sizeOf(set));
    Session session = new Session(BenchmarkOptions.read());
    session.watch();
    QualityMeasurement measurement =
        new QualityMeasurement(
            data,
            setting -> {
              System.out.printf("%s, %s: %s%n", set.key(), name, setting.name());
              return new OpenedModel(
                  CrossEncoder.open(bundle(name, setting.precision()), setting.options()));
            },
            System::nanoTime,
            new Watch(new Disturbance()));
    measurement.run(Setting.ALL);
    OptionalDouble before = data.before();
    return new QualityResult(
        session.environment(),
        set.key(),
        set.title(),
        set.input(),
        command(options),
        name,
        bundle(name, Precision.FP32).digest(),
        data.figure(),
        before.isPresent() ? before.getAsDouble() : null,
        data.unit(),
        data.size(),
        data.pairs().size(),
        measurement.meanTokens(),
        measurement.longest(),
        measurement.rows(),
        measurement.skipped());
  }

  /** What other processes do while a setting is measured. */
  private record Watch(Disturbance disturbance) implements QualityMeasurement.Others {
    @Override
    public void watch() throws IOException {
      disturbance.watch();
    }

    @Override
    public double share() throws IOException {
      return disturbance.share();
    }
  }

  private static Bundle bundle(String model, Precision precision) {
    return ModelRepository.shared().resolve(model, precision, DownloadListener.SILENT);
  }

  private static String command(QualityOptions options) {
    return "./mvnw -q -Dquick -Pbenchmark package -pl testing/benchmarks -am -Dcrossencoder.data=/path/to/data -Dbenchmark=Quality %s"
        .formatted(options.given())
        .strip();
  }
}
