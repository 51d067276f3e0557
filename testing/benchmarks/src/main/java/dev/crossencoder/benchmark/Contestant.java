package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.benchmark.report.ThroughputResult.Turn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An engine that takes turns with others, with the results of its turns. Used by one thread. */
final class Contestant {
  private final String engine;
  private final WorkerProcess worker;
  private final String feed;
  private final List<Turn> turns = new ArrayList<>();
  private int batch;
  private JsonNode logits;

  /**
   * Creates a contestant.
   *
   * @param worker the process; several contestants may share one
   * @param feed the order and form of pairs, for workers with several ones
   */
  Contestant(String engine, WorkerProcess worker, String feed) {
    this.engine = engine;
    this.worker = worker;
    this.feed = feed;
  }

  String engine() {
    return engine;
  }

  WorkerProcess worker() {
    return worker;
  }

  /** The number of pairs of a batch; 0 if the engine decides. */
  int batch() {
    return batch;
  }

  void setBatch(int pairs) {
    batch = pairs;
  }

  List<Turn> turns() {
    return turns;
  }

  /** The logits of the first turn. */
  JsonNode logits() {
    return logits;
  }

  /** Clears all turns, for another workload. */
  void reset() {
    turns.clear();
    logits = null;
    batch = 0;
  }

  /** Scores once without measuring, and stores the logits. */
  void warmUp(Path pairs) throws IOException {
    logits = score(pairs, 1).path("logits");
  }

  /** Scores and records the time and the CPU usage of other processes. */
  void takeTurn(Path pairs, int repeats) throws IOException {
    double busy = Machine.busySeconds();
    double own = worker.cpuSeconds();
    long start = System.nanoTime();
    JsonNode reply = score(pairs, repeats);
    double elapsed = (System.nanoTime() - start) / 1e9;
    double others = (Machine.busySeconds() - busy) - (worker.cpuSeconds() - own);
    int cores = Runtime.getRuntime().availableProcessors();
    turns.add(
        new Turn(
            reply.path("seconds").doubleValue(),
            reply.path("cpuSeconds").doubleValue(),
            Math.max(0, others / (elapsed * cores))));
  }

  /** Scores pairs without storing results. */
  JsonNode score(Path pairs, int repeats) throws IOException {
    ObjectNode request = Launcher.request("score", pairs).put("repeats", repeats).put("feed", feed);
    if (batch > 0) {
      request.put("batch", batch);
    }
    return worker.ask(request);
  }
}
