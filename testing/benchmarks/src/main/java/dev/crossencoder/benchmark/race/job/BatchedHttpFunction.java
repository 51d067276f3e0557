package dev.crossencoder.benchmark.race.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;

/**
 * Asks a server for the scores of several records at once: when there are enough, or when the first
 * one has waited long enough. The task thread and a timer thread share the waiting records.
 */
final class BatchedHttpFunction extends RichAsyncFunction<byte[], byte[]> {
  private static final long serialVersionUID = 1L;

  private final List<String> urls;
  private final int batch;
  private final Duration wait;

  private transient JsonClient client;
  private transient ScheduledExecutorService timer;
  private transient List<Waiting> waiting;
  private transient long batches;

  /** A record with its future. */
  private record Waiting(RaceRecord record, ResultFuture<byte[]> result) {}

  BatchedHttpFunction(List<String> urls, int batch, Duration wait) {
    this.urls = List.copyOf(urls);
    this.batch = batch;
    this.wait = wait;
  }

  @Override
  public void open(OpenContext context) {
    client = new JsonClient(urls);
    waiting = new ArrayList<>();
    timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "batches");
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // The timer task does not fail.
  public void asyncInvoke(byte[] value, ResultFuture<byte[]> result) throws IOException {
    RaceRecord record = RaceRecord.parse(value);
    synchronized (this) {
      waiting.add(new Waiting(record, result));
      if (waiting.size() == batch) {
        send();
      } else if (waiting.size() == 1) {
        long number = batches;
        timer.schedule(() -> sendIfStill(number), wait.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private synchronized void sendIfStill(long number) {
    if (number == batches) {
      send();
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // A failure completes the records.
  private void send() {
    List<Waiting> sent = waiting;
    waiting = new ArrayList<>();
    batches++;
    ObjectNode request = RaceRecord.MAPPER.createObjectNode();
    ArrayNode pairs = request.putArray("pairs");
    for (Waiting one : sent) {
      pairs.addArray().add(one.record().query()).add(one.record().passage());
    }
    try {
      client.post(request).whenComplete((answer, failure) -> complete(sent, answer, failure));
    } catch (IOException e) {
      complete(sent, null, e);
    }
  }

  private static void complete(List<Waiting> sent, JsonNode answer, Throwable failure) {
    for (int i = 0; i < sent.size(); i++) {
      Waiting one = sent.get(i);
      try {
        if (failure == null) {
          float score = answer.path("scores").path(i).floatValue();
          one.result().complete(Collections.singleton(one.record().scored(score)));
        } else {
          one.result().completeExceptionally(failure);
        }
      } catch (IOException e) {
        one.result().completeExceptionally(e);
      }
    }
  }

  @Override
  public void close() {
    if (timer != null) {
      timer.shutdownNow();
    }
  }
}
