package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.benchmark.PreparedModel.Export;
import dev.crossencoder.benchmark.checkpoint.ModelSize;
import dev.crossencoder.benchmark.report.Engines;
import dev.crossencoder.benchmark.report.Summary;
import dev.crossencoder.benchmark.report.ThroughputResult;
import dev.crossencoder.benchmark.report.ThroughputResult.Contender;
import dev.crossencoder.benchmark.report.ThroughputResult.Memory;
import dev.crossencoder.benchmark.worker.ProcessMemory;
import dev.crossencoder.benchmark.worker.WorkerMain.Kind;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures throughput: all engines score the same pairs in turns, A B C … B C A …. Each engine is a
 * separate process, which sleeps during the turns of others.
 */
final class ThroughputSection implements Section {
  private static final List<Integer> BATCHES = List.of(8, 16, 32, 64);
  private static final int BATCH_TRIAL_PAIRS = 256;

  @Override
  public String name() {
    return "throughput";
  }

  @Override
  public void run(Session session) throws IOException {
    for (ModelSize size : session.options().sizes()) {
      PreparedModel model = session.models().prepare(size);
      Map<String, String> absent = new LinkedHashMap<>(model.absent());
      if (session.options().python().isEmpty()) {
        absent.put("Python peers", "no -Dbenchmark.python was given");
      }
      List<WorkerProcess> workers = new ArrayList<>();
      try {
        List<Contestant> contestants = start(session, model, workers, absent);
        for (Workload workload : workloads(session, size)) {
          contestants.forEach(Contestant::reset);
          compare(session, size, workload, contestants, new LinkedHashMap<>(absent));
        }
      } finally {
        for (WorkerProcess worker : workers) {
          worker.close();
        }
      }
    }
  }

  private static List<Workload> workloads(Session session, ModelSize size) {
    return session.options().workloads().stream()
        .filter(workload -> size == ModelSize.MINILM_L6 || workload == Workload.DL19)
        .toList();
  }

  /** Starts all engines. One that does not start is recorded as absent. */
  private static List<Contestant> start(
      Session session, PreparedModel model, List<WorkerProcess> workers, Map<String, String> absent)
      throws IOException {
    Launcher launcher = session.launcher();
    List<Contestant> contestants = new ArrayList<>();
    Starter starter =
        (engines, process) -> {
          workers.add(process);
          try {
            session.addVersions(process.awaitReady());
            engines.forEach(
                (engine, feed) -> contestants.add(new Contestant(engine, process, feed)));
          } catch (IOException e) {
            System.out.printf("  %s%n", e.getMessage());
            engines.keySet().forEach(engine -> absent.put(engine, e.getMessage()));
          }
        };
    starter.add(Map.of(Engines.OURS, ""), launcher.crossEncoder(Engines.OURS, model.fp32()));
    starter.add(
        Map.of(Engines.OURS_ONNX, ""),
        launcher.crossEncoder(Engines.OURS_ONNX, model.bundles().get(PreparedModel.FP32_ONNX)));
    starter.add(
        Map.of(Engines.OURS_INT8, ""),
        launcher.crossEncoder(Engines.OURS_INT8, model.bundles().get(PreparedModel.INT8)));
    if (session.options().python().isEmpty()) {
      return contestants;
    }
    Map<String, String> feeds = new LinkedHashMap<>();
    feeds.put(Engines.TORCH, "own");
    feeds.put(Engines.TORCH_BY_TOKENS, "tokens");
    feeds.put(Engines.TORCH_ARRIVAL, "arrival");
    starter.add(feeds, launcher.peer("torch", model.checkpoint(), "torch", ""));
    for (Export export : model.exports()) {
      starter.add(
          Map.of(Engines.backend(export.name()), "own"),
          launcher.peer(export.name(), model.peers(), export.backend(), export.file()));
    }
    for (Export export : model.exports()) {
      if (export.backend().equals("onnx")) {
        String engine = onnxRuntime(export);
        starter.add(
            Map.of(engine, ""),
            launcher.java(
                engine,
                Kind.ONNX_RUNTIME,
                "1g",
                Launcher.json()
                    .put("file", model.peers().resolve(export.file()).toString())
                    .put("bundle", model.fp32().toString())));
      }
    }
    return contestants;
  }

  /** Adds the contestants of a process. */
  private interface Starter {
    void add(Map<String, String> feedByEngine, WorkerProcess process);
  }

  private static String onnxRuntime(Export export) {
    return Engines.int8(export.name())
        ? Engines.onnxRuntimeInt8(export.name().replace("onnx int8 ", ""))
        : Engines.ONNX_RUNTIME;
  }

  private static void compare(
      Session session,
      ModelSize size,
      Workload workload,
      List<Contestant> all,
      Map<String, String> absent)
      throws IOException {
    List<Contestant> contestants = new ArrayList<>(all);
    WorkerProcess ours = contestants.get(0).worker();
    double rate = session.roughRate(ours, workload);
    double wanted = rate * session.options().turnSeconds();
    List<TextPair> sample = Workload.sample(session.pairs(workload), (int) wanted);
    int repeats = (int) Math.max(1, Math.round(wanted / sample.size()));
    Path pairs = session.file("throughput-" + workload.key() + "-" + size.key(), sample);
    System.out.printf(
        "%s, %s: %d pairs %d times, %d engines%n",
        workload.key(), size.key(), sample.size(), repeats, contestants.size());

    eachOf(contestants, absent, contestant -> prepare(session, contestant, workload, pairs));
    Contestant reference = reference(contestants);
    for (int i = 0; i < session.options().rounds(); i++) {
      List<Contestant> order = new ArrayList<>(contestants);
      Collections.rotate(order, -i);
      eachOf(
          order,
          absent,
          contestant -> {
            session.settle();
            contestant.takeTurn(pairs, repeats);
          });
      contestants.retainAll(order);
    }
    long tokens = 0;
    for (JsonNode length : ours.ask(Launcher.request("lengths", pairs)).path("lengths")) {
      tokens += length.intValue();
    }
    List<Contender> contenders = new ArrayList<>();
    for (Contestant contestant : contestants) {
      contenders.add(contender(contestant, reference));
    }
    ThroughputResult result =
        new ThroughputResult(
            session.environment(),
            size.key(),
            workload.key(),
            workload.description(),
            sample.size(),
            tokens,
            repeats,
            reference.engine(),
            contenders,
            absent);
    for (Contender contender : contenders) {
      System.out.printf(
          "  %-70s %10s pairs/s, largest error %.1e%s%n",
          contender.engine(),
          Summary.of(result.pairsPerSecond(contender)).text(),
          contender.error().largest(),
          contender.counts() ? "" : ": DOES NOT COUNT");
    }
    System.out.printf("  → %s%n", session.results().write(result));
  }

  /** Removes a contestant that fails, and records the reason. */
  private static void eachOf(
      List<Contestant> contestants, Map<String, String> absent, Action action) {
    contestants.removeIf(
        contestant -> {
          try {
            action.on(contestant);
            return false;
          } catch (IOException e) {
            System.out.printf("  %s%n", e.getMessage());
            absent.put(contestant.engine(), String.valueOf(e.getMessage()));
            return true;
          }
        });
  }

  /** An action on a contestant. */
  private interface Action {
    void on(Contestant contestant) throws IOException;
  }

  private static void prepare(Session session, Contestant contestant, Workload workload, Path pairs)
      throws IOException {
    if (contestant.engine().startsWith("ONNX Runtime from Java")) {
      List<TextPair> some = Workload.sample(session.pairs(workload), BATCH_TRIAL_PAIRS);
      contestant.setBatch(bestBatch(contestant, session.file("batches", some)));
    }
    contestant.warmUp(pairs);
  }

  private static int bestBatch(Contestant contestant, Path pairs) throws IOException {
    Map<Integer, Double> seconds = new LinkedHashMap<>();
    for (int i = 0; i < 3; i++) {
      for (int batch : BATCHES) {
        contestant.setBatch(batch);
        double time = contestant.score(pairs, 1).path("seconds").doubleValue();
        if (i > 0) {
          seconds.merge(batch, time, Math::min);
        }
      }
    }
    return Collections.min(seconds.entrySet(), Map.Entry.comparingByValue()).getKey();
  }

  private static Contestant reference(List<Contestant> contestants) {
    return contestants.stream()
        .filter(contestant -> contestant.engine().equals(Engines.TORCH))
        .findFirst()
        .orElse(contestants.get(0));
  }

  private static Contender contender(Contestant contestant, Contestant reference)
      throws IOException {
    ProcessMemory memory = contestant.worker().memory();
    String settings =
        contestant.batch() == 0 ? "" : "best of " + BATCHES + ": " + contestant.batch();
    return new Contender(
        contestant.engine(),
        settings,
        List.copyOf(contestant.turns()),
        Logits.error(contestant.logits(), reference.logits()),
        new Memory(memory.peakBytes(), memory.anonymousBytes()));
  }
}
