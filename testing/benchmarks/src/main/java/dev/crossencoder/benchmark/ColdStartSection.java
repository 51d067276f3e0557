package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.PreparedModel.Export;
import dev.crossencoder.benchmark.checkpoint.ModelSize;
import dev.crossencoder.benchmark.report.ColdStartResult;
import dev.crossencoder.benchmark.report.Engines;
import dev.crossencoder.benchmark.worker.WorkerMain.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures the time from the start of a process to its first score. After the first try, the files
 * are in the page cache.
 */
final class ColdStartSection implements Section {
  @Override
  public String name() {
    return "cold-start";
  }

  /** Starts a process with an engine. */
  private interface Start {
    WorkerProcess process() throws IOException;
  }

  @Override
  public void run(Session session) throws IOException {
    PreparedModel model = session.models().prepare(ModelSize.MINILM_L6);
    Path pair = session.file("cold-start", session.pairs(Workload.DL19).subList(0, 1));
    Map<String, List<Double>> seconds = new LinkedHashMap<>();
    Map<String, Start> starts = starts(session, model);
    if (!session.options().quick()) {
      for (Start start : starts.values()) {
        measure(start, pair);
      }
    }
    for (int i = 0; i < session.options().rounds(); i++) {
      for (Map.Entry<String, Start> entry : starts.entrySet()) {
        double time = measure(entry.getValue(), pair);
        System.out.printf("cold start: %s %.2f s%n", entry.getKey(), time);
        seconds.computeIfAbsent(entry.getKey(), engine -> new ArrayList<>()).add(time);
      }
    }
    session
        .results()
        .write(new ColdStartResult(session.environment(), model.size().key(), seconds));
  }

  private static Map<String, Start> starts(Session session, PreparedModel model) {
    Launcher launcher = session.launcher();
    Map<String, Start> starts = new LinkedHashMap<>();
    model
        .bundles()
        .forEach(
            (precision, bundle) ->
                starts.put(
                    "ours " + precision, () -> launcher.crossEncoder("cold " + precision, bundle)));
    if (session.options().python().isPresent()) {
      starts.put(
          "sentence-transformers torch fp32",
          () -> launcher.peer("cold torch", model.checkpoint(), "torch", ""));
    }
    for (Export export : model.exports()) {
      if (!Engines.int8(export.name())) {
        starts.put(
            "sentence-transformers " + export.name(),
            () ->
                launcher.peer(
                    "cold " + export.name(), model.peers(), export.backend(), export.file()));
      }
      if (export.name().equals("onnx fp32")) {
        starts.put(
            "ONNX Runtime from Java fp32",
            () ->
                launcher.java(
                    "cold ONNX Runtime",
                    Kind.ONNX_RUNTIME,
                    "1g",
                    Launcher.json()
                        .put("file", model.peers().resolve(export.file()).toString())
                        .put("bundle", model.fp32().toString())));
      }
    }
    return starts;
  }

  /** Sends the request at once; the process reads it when the engine is ready. */
  private static double measure(Start start, Path pair) throws IOException {
    long nanos = System.nanoTime();
    try (WorkerProcess worker = start.process()) {
      worker.send(Launcher.request("score", pair));
      worker.awaitReady();
      worker.reply();
      return (System.nanoTime() - nanos) / 1e9;
    }
  }
}
