package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.checkpoint.ModelSize;
import dev.crossencoder.benchmark.race.RaceFiles;
import dev.crossencoder.benchmark.race.RaceMeeting;
import dev.crossencoder.benchmark.race.RaceMeeting.Program;
import dev.crossencoder.benchmark.race.RaceModel;
import dev.crossencoder.benchmark.race.RacePage;
import dev.crossencoder.benchmark.race.RaceResult;
import dev.crossencoder.benchmark.race.Site;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.compiler.BundleBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.util.FileUtils;

/**
 * Compares this project with what else a Flink user could do, from Kafka to Kafka, and writes the
 * page. {@link RaceOptions} lists the system properties. Exits with 1 if a contender did not run or
 * its scores differ from those of this project.
 */
public final class Race {
  private static final int SEED = 19;
  private static final int TRACE_MINUTES = 5;
  private static final List<String> DEMO_FILES =
      List.of("config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt");

  private static final Pattern LIBRARY =
      Pattern.compile(
          "(pytorch-native-cpu|pytorch-engine|flink-streaming-java|flink-connector-kafka|kafka-clients)-([0-9][0-9.]*[0-9](?:-[0-9.]+[0-9])?)[^/]*\\.jar");

  private final BenchmarkOptions options;
  private final RaceOptions race;
  private final Models models;

  private Race(BenchmarkOptions options, RaceOptions race) {
    this.options = options;
    this.race = race;
    this.models = new Models(options, new Launcher(options, new Disturbance()));
  }

  /** Runs the race. */
  public static void main(String[] args) throws Exception {
    Race race = new Race(BenchmarkOptions.read().withoutExports(), RaceOptions.read());
    System.exit(race.run() ? 0 : 1);
  }

  private boolean run() throws IOException, InterruptedException {
    Path work = options.work().toAbsolutePath().resolve("race");
    FileUtils.deleteDirectoryQuietly(work.resolve("runs").toFile());
    Path raceJar = work.resolve("race.jar");
    Site.writeRaceJar(raceJar);
    Site site =
        new Site(
            flink(),
            options.python(),
            race.pyflink(),
            race.infinity(),
            options.peers().toAbsolutePath().resolveSibling("race"),
            Path.of("job/target/flink-cross-encoder-job.jar").toAbsolutePath(),
            Path.of("job/target/runtime").toAbsolutePath(),
            providerJar(),
            raceJar,
            work.resolve("runs"),
            race.checkpointMillis());
    RaceFiles files = new RaceFiles(race.results());
    List<TextPair> pairs = pairs();
    boolean complete = true;
    try (RaceMeeting meeting = RaceMeeting.open(site, files, work.resolve("runs/kafka"))) {
      for (String name : race.models()) {
        RaceModel model = model(name, work);
        System.out.printf("== %s%n", name);
        Program program =
            new Program(
                race.contenders(),
                race.sections().contains(RaceOptions.TUNING),
                race.sections().contains(RaceOptions.RACE),
                race.sections().contains(RaceOptions.KILL) && name.equals(race.killModel()),
                race.times());
        double busy = Machine.busySeconds();
        double own = WorkerProcess.cpuSeconds(ProcessHandle.current());
        long start = System.nanoTime();
        Map<String, String> versions = versions();
        RaceResult result =
            meeting.run(
                model,
                pairs,
                program,
                command(),
                descendants -> {
                  double used = WorkerProcess.cpuSeconds(ProcessHandle.current()) - own;
                  double seconds = (System.nanoTime() - start) / 1e9;
                  double others = Machine.busySeconds() - busy - used - descendants;
                  return Machine.environment(
                      options, versions, Math.max(0, others) / (seconds * options.threads()));
                });
        complete &= complete(result);
      }
    }
    RacePage.write(files, race.page());
    System.out.printf("Wrote %s%n", race.page());
    return complete;
  }

  private static boolean complete(RaceResult result) {
    result
        .absent()
        .forEach(one -> System.out.printf("%s did not run: %s%n", one.contender(), one.reason()));
    List<RaceResult.Entry> wrong =
        result.entries().stream()
            .filter(
                entry ->
                    entry.scores() != null
                        && entry.scores().largest() > RaceResult.Scores.TOLERANCE)
            .toList();
    wrong.forEach(
        entry ->
            System.out.printf(
                "%s has other scores: they differ by %.6f%n",
                entry.contender(), entry.scores().largest()));
    return result.absent().isEmpty() && wrong.isEmpty();
  }

  private static Path providerJar() throws IOException {
    try (Stream<Path> jars = Files.list(Path.of("sql/target").toAbsolutePath())) {
      return jars.filter(
              jar ->
                  jar.getFileName()
                      .toString()
                      .matches("flink-model-cross-encoder-[^-]*(-SNAPSHOT)?\\.jar"))
          .findFirst()
          .orElseThrow(
              () -> new IOException("There is no jar of the model provider in sql/target"));
    }
  }

  private Path flink() throws IOException {
    Optional<Path> python = race.pyflink();
    if (race.flink().isPresent()) {
      return race.flink().get();
    }
    return Site.distribution(
        python.orElseThrow(
            () ->
                new IllegalArgumentException(
                    "There is no Flink. Set benchmark.race.pyflink to a Python interpreter with"
                        + " PyFlink, or benchmark.race.flink to the folder of a Flink"
                        + " distribution.")));
  }

  /** The pairs in random order, so that those of a query are not together. */
  private List<TextPair> pairs() throws IOException {
    List<TextPair> pairs =
        new ArrayList<>(Dl19Pairs.evenlySpaced(Workload.DL19.read(options.data()), race.pairs()));
    Collections.shuffle(pairs, new Random(SEED));
    return pairs;
  }

  private RaceModel model(String name, Path work) throws IOException, InterruptedException {
    Path folder = work.resolve("models").resolve(name);
    if (name.startsWith("demo-")) {
      Path checkpoint = Files.createDirectories(folder.resolve("checkpoint"));
      for (String file : DEMO_FILES) {
        String resource = "/dev/crossencoder/demo/%s/%s".formatted(name, file);
        try (InputStream in = Race.class.getResourceAsStream(resource)) {
          if (in == null) {
            throw new IOException("There is no embedded model " + name);
          }
          Files.copy(in, checkpoint.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
      }
      Map<Engine, Path> bundles = new EnumMap<>(Engine.class);
      for (Engine engine : Engine.values()) {
        Path bundle = folder.resolve("bundle-" + engine.key());
        FileUtils.deleteDirectoryQuietly(bundle.toFile());
        BundleBuilder.fromCheckpoint(checkpoint).engine(engine).build(bundle);
        bundles.put(engine, bundle);
      }
      return new RaceModel(
          name,
          "the embedded model `%s`".formatted(name),
          checkpoint,
          bundles,
          trace(checkpoint, folder),
          true);
    }
    ModelSize size = ModelSize.parse(name);
    PreparedModel prepared = models.prepare(size);
    return new RaceModel(
        name,
        "random weights in the size of `%s`".formatted(size.configuration()),
        prepared.checkpoint().toAbsolutePath(),
        Map.of(
            Engine.PYTORCH,
            prepared.fp32().toAbsolutePath(),
            Engine.ONNXRUNTIME,
            prepared.fp32Onnx().toAbsolutePath()),
        trace(prepared.checkpoint().toAbsolutePath(), folder),
        false);
  }

  /** Traces a checkpoint for DJL. If this fails, DJL does not start. */
  private Path trace(Path checkpoint, Path folder) throws IOException, InterruptedException {
    Path traced = folder.resolve("traced");
    if (options.python().isPresent() && !Files.exists(traced.resolve("model.pt"))) {
      Files.createDirectories(folder);
      Path log = folder.resolve("trace.log");
      Process process =
          new ProcessBuilder(
                  options.python().get().toString(),
                  options.peers().resolveSibling("race").resolve("trace.py").toString(),
                  checkpoint.toString(),
                  traced.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      if (!process.waitFor(TRACE_MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
        process.destroyForcibly();
        System.out.printf("Cannot trace the model for DJL:%n%s", Files.readString(log));
      }
    }
    return traced;
  }

  private Map<String, String> versions() throws IOException {
    Map<String, String> versions = new TreeMap<>();
    Matcher matcher = LIBRARY.matcher(System.getProperty("java.class.path"));
    while (matcher.find()) {
      versions.put(matcher.group(1) + " (Java)", matcher.group(2));
    }
    String common = "torch transformers sentence-transformers ";
    packages(versions, options.python(), "server", common + "fastapi uvicorn");
    packages(versions, race.pyflink(), "PyFlink", common + "apache-flink pandas pyarrow");
    packages(versions, race.infinity(), "Infinity", common + "infinity-emb");
    return versions;
  }

  private static void packages(
      Map<String, String> versions, Optional<Path> python, String where, String names)
      throws IOException {
    if (python.isEmpty()) {
      return;
    }
    Process process =
        new ProcessBuilder(
                python.get().toString(),
                "-c",
                "import importlib.metadata as m,sys\n"
                    + "for n in sys.argv[1].split(): print(n, m.version(n))",
                names)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    for (String line : lines.split("\n", -1)) {
      String[] words = line.split(" ", -1);
      if (words.length == 2) {
        versions.put("%s (%s)".formatted(words[0], where), words[1]);
      }
    }
  }

  private String command() {
    return "./mvnw -q -Dquick -Pbenchmark package -pl testing/benchmarks -am"
        + " -Dcrossencoder.data=/path/to/data -Dbenchmark=Race"
        + " -Dbenchmark.python=/path/to/server/bin/python "
        + race.given();
  }
}
