package dev.crossencoder.benchmark.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.BatchFill;
import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * {@link CrossEncoder} without Flink, with default options except for the number of threads. All
 * pairs are scored on the thread of the worker.
 */
final class CrossEncoderWorker implements Worker {
  private final CrossEncoder model;

  /**
   * Loads the model.
   *
   * @param options {@code bundle} and {@code threads}
   */
  CrossEncoderWorker(JsonNode options) {
    model =
        CrossEncoder.open(
            Path.of(options.path("bundle").textValue()),
            CrossEncoderOptions.DEFAULT.withThreads(options.path("threads").intValue()));
  }

  @Override
  public ObjectNode answer(JsonNode request) throws IOException {
    List<TextPair> pairs = PairFile.read(Path.of(request.path("pairs").textValue()));
    return switch (request.path("command").asText()) {
      case "lengths" -> lengths(pairs);
      case "score" -> score(pairs, request.path("repeats").asInt(1));
      case "forward" -> forward(pairs, request.path("repeats").asInt(1));
      case "lone" -> lone(pairs, request.path("repeats").asInt(1));
      case "load" -> load(pairs, request);
      case "endure" ->
          endure(pairs, request.path("total").intValue(), request.path("window").intValue());
      default -> throw Worker.unknown(request, "lengths, score, forward, lone, load, endure");
    };
  }

  /** Returns the number of tokens of each pair. */
  private ObjectNode lengths(List<TextPair> pairs) {
    ObjectNode reply = JsonNodeFactory.instance.objectNode();
    ArrayNode lengths = reply.putArray("lengths");
    encode(pairs).forEach(pair -> lengths.add(pair.length()));
    return reply;
  }

  /** Scores texts. The measured time includes tokenizing. */
  private ObjectNode score(List<TextPair> pairs, int repeats) {
    List<Score> scores = List.of();
    Clock clock = Clock.start();
    for (int i = 0; i < repeats; i++) {
      scores = model.score(pairs);
    }
    ObjectNode reply = clock.reply();
    ArrayNode logits = reply.putArray("logits");
    for (Score score : scores) {
      ArrayNode row = logits.addArray();
      score.logits().forEach(row::add);
    }
    return reply;
  }

  /**
   * Runs forward passes on one thread, which needs the least CPU time. The pairs are tokenized
   * before the measurement.
   */
  private ObjectNode forward(List<TextPair> pairs, int repeats) {
    List<List<EncodedPair>> batches = batches(encode(pairs));
    Clock clock = Clock.start();
    for (int i = 0; i < repeats; i++) {
      batches.forEach(batch -> model.scoreBatch(batch, 1));
    }
    return clock.reply();
  }

  /** Returns the median time of a forward pass with each single pair, in the order of the pairs. */
  private ObjectNode lone(List<TextPair> pairs, int repeats) {
    ObjectNode reply = JsonNodeFactory.instance.objectNode();
    ArrayNode seconds = reply.putArray("seconds");
    for (EncodedPair pair : encode(pairs)) {
      List<EncodedPair> batch = List.of(pair);
      double[] tries = new double[repeats];
      for (int i = 0; i < repeats; i++) {
        long start = System.nanoTime();
        model.scoreBatch(batch);
        tries[i] = (System.nanoTime() - start) / 1e9;
      }
      Arrays.sort(tries);
      seconds.add(tries[repeats / 2]);
    }
    return reply;
  }

  /**
   * Scores each pair alone after it has arrived and the one before it is done, and returns the
   * latency from the scheduled arrival.
   */
  private ObjectNode load(List<TextPair> pairs, JsonNode request) {
    Schedule schedule = Schedule.poisson(request);
    int warmUp = request.path("warmUp").intValue();
    ObjectNode reply = JsonNodeFactory.instance.objectNode();
    ArrayNode indices = reply.putArray("indices");
    ArrayNode seconds = reply.putArray("seconds");
    long start = System.nanoTime();
    for (int i = 0; i < schedule.size(); i++) {
      long intended = start + schedule.nanos(i);
      for (long wait = 1; wait > 0; wait = intended - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      model.score(pairs.get(i % pairs.size()));
      if (i >= warmUp) {
        indices.add(i);
        seconds.add((System.nanoTime() - intended) / 1e9);
      }
    }
    return reply;
  }

  /** Scores many pairs, and reads time and memory after each window. */
  private ObjectNode endure(List<TextPair> pairs, int total, int window) throws IOException {
    List<TextPair> all = PairFile.cycle(pairs, total);
    int[] lengths = pairs.stream().mapToInt(pair -> model.encode(pair).length()).toArray();
    ObjectNode reply = JsonNodeFactory.instance.objectNode();
    ArrayNode rates = reply.putArray("tokensPerSecond");
    long anonymousPeak = 0;
    for (int start = 0; start + window <= total; start += window) {
      List<TextPair> some = all.subList(start, start + window);
      int tokens =
          IntStream.range(start, start + window).map(i -> lengths[i % lengths.length]).sum();
      long startNanos = System.nanoTime();
      model.score(some);
      rates.add(tokens / ((System.nanoTime() - startNanos) / 1e9));
      anonymousPeak = Math.max(anonymousPeak, ProcessMemory.of("self").anonymousBytes());
    }
    return reply
        .put("anonymousPeakBytes", anonymousPeak)
        .put("peakBytes", ProcessMemory.of("self").peakBytes());
  }

  private List<EncodedPair> encode(List<TextPair> pairs) {
    return pairs.stream().map(model::encode).toList();
  }

  /** Returns batches in order, within the default limits. */
  static List<List<EncodedPair>> batches(List<EncodedPair> pairs) {
    List<List<EncodedPair>> batches = new ArrayList<>();
    List<EncodedPair> batch = new ArrayList<>();
    BatchFill fill = new BatchFill(BatchLimits.DEFAULT);
    for (EncodedPair pair : pairs) {
      if (!fill.add(pair.length())) {
        batches.add(batch);
        batch = new ArrayList<>();
        fill.startWith(pair.length());
      }
      batch.add(pair);
    }
    if (!batch.isEmpty()) {
      batches.add(batch);
    }
    return batches;
  }

  @Override
  public void close() {
    model.close();
  }
}
