package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.checkpoint.ModelSize;
import dev.crossencoder.benchmark.scaling.Layout;
import dev.crossencoder.benchmark.scaling.ScalingFiles;
import dev.crossencoder.benchmark.scaling.ScalingResult;
import dev.crossencoder.benchmark.scaling.ScalingResult.Load;
import dev.crossencoder.benchmark.scaling.ScalingResult.Model;
import dev.crossencoder.benchmark.scaling.ScalingResult.Run;
import dev.crossencoder.benchmark.scaling.ScalingRig;
import dev.crossencoder.benchmark.scaling.SizingPage;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.tokenizer.PairEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.util.FileUtils;

/**
 * Measures the Kafka job on a cluster of separate JVMs with 1, 2 and 4 subtasks on 1 and 2
 * TaskManagers, and which cores keep up with a rate of records, and writes the page to plan by.
 * {@link ScalingOptions} lists the system properties.
 */
public final class Scaling {
  /** The offered rates, as shares of what a layout can score. */
  private static final List<Double> SHARES = List.of(0.8, 0.95, 1.1);

  private static final int MAX_LENGTH = 512;

  private Scaling() {}

  /** Measures what the options name. */
  public static void main(String[] args) throws Exception {
    ScalingOptions options = ScalingOptions.read();
    ScalingFiles files = new ScalingFiles(options.results());
    Session session = new Session(BenchmarkOptions.read());
    List<TextPair> pairs = session.pairs(Workload.DL19);
    Map<String, Bundle> bundles = new LinkedHashMap<>();
    for (String name : options.models()) {
      bundles.put(name, bundle(session, name));
    }
    List<Path> lib;
    try (Stream<Path> jars = Files.list(options.runtime())) {
      lib = Stream.concat(jars.sorted(), Stream.of(options.demoModels())).toList();
    }
    Path folder = Files.createTempDirectory("benchmark-scaling-");
    List<Run> runs = new ArrayList<>();
    List<Load> loads = new ArrayList<>();
    double children = Machine.childrenSeconds();
    session.watch();
    try {
      try (ScalingRig rig =
          ScalingRig.start(folder, lib, options.jobJar(), pairs, options.seconds())) {
        for (String name : bundles.keySet()) {
          for (Layout layout : Layout.ALL) {
            runs.add(measure(rig, name, bundles.get(name), layout, loads));
          }
        }
      }
      List<Model> models = new ArrayList<>();
      for (String name : bundles.keySet()) {
        models.add(model(name, bundles.get(name), pairs));
      }
      files.write(
          new ScalingResult(
              session.environment(Machine.childrenSeconds() - children),
              options.command(),
              Workload.DL19.description(),
              options.seconds(),
              models,
              runs,
              loads));
    } finally {
      FileUtils.deleteDirectoryQuietly(folder.toFile());
    }
    SizingPage.write(files, options.page());
    System.out.printf("Wrote %s and %s%n", options.results(), options.page());
  }

  private static Run measure(
      ScalingRig rig, String name, Bundle bundle, Layout layout, List<Load> loads)
      throws Exception {
    ScalingRig.Measured measured =
        rig.measure(name, bundle.folder(), layout, layout.measuresLoads() ? SHARES : List.of());
    System.out.printf(
        "%s, %s: %.1f pairs/s, %.2f CPU ms per pair%n",
        name, layout, measured.run().pairsPerSecond(), measured.run().cpuMillisPerPair());
    for (Load load : measured.loads()) {
      System.out.printf(
          "  %.1f records/s: lag %+.1f per second%n", load.offered(), load.lagPerSecond());
    }
    loads.addAll(measured.loads());
    return measured.run();
  }

  private static Bundle bundle(Session session, String name) throws IOException {
    return ModelSize.keys().contains(name)
        ? Bundle.read(session.models().prepare(ModelSize.parse(name)).fp32())
        : ModelRepository.shared().resolve(name);
  }

  private static Model model(String name, Bundle bundle, List<TextPair> pairs) throws IOException {
    long bytes = 0;
    try (Stream<Path> all = Files.walk(bundle.folder())) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    try (PairEncoder encoder =
        PairEncoder.load(bundle.folder().resolve(Bundle.TOKENIZER), MAX_LENGTH)) {
      double tokens =
          pairs.stream().mapToInt(pair -> encoder.encode(pair).length()).average().orElseThrow();
      return new Model(name, bytes, tokens);
    }
  }
}
