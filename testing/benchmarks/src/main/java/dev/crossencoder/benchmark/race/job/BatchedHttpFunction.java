package dev.crossencoder.benchmark.race.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;

/**
 * Asks servers for the scores of several records at once. A server has one request at a time; while
 * all are busy, records wait for the next request.
 */
final class BatchedHttpFunction extends RichAsyncFunction<byte[], byte[]> {
  private static final long serialVersionUID = 1L;

  private final List<String> urls;
  private final int batch;

  private transient JsonClient client;
  private transient Deque<Waiting> waiting;

  /** The numbers of the servers without a request. */
  private transient Deque<Integer> free;

  /** A record with its future. */
  private record Waiting(RaceRecord record, ResultFuture<byte[]> result) {}

  BatchedHttpFunction(List<String> urls, int batch) {
    this.urls = List.copyOf(urls);
    this.batch = batch;
  }

  @Override
  public void open(OpenContext context) {
    client = new JsonClient(urls);
    waiting = new ArrayDeque<>();
    free = new ArrayDeque<>();
    for (int i = 0; i < urls.size(); i++) {
      free.add(i);
    }
  }

  @Override
  public void asyncInvoke(byte[] value, ResultFuture<byte[]> result) throws IOException {
    RaceRecord record = RaceRecord.parse(value);
    synchronized (this) {
      waiting.add(new Waiting(record, result));
    }
    sendIfFree();
  }

  private void sendIfFree() {
    List<Waiting> sent = new ArrayList<>();
    int server;
    synchronized (this) {
      if (free.isEmpty() || waiting.isEmpty()) {
        return;
      }
      server = free.remove();
      while (sent.size() < batch && !waiting.isEmpty()) {
        sent.add(waiting.remove());
      }
    }
    send(sent, server);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // A failure completes the records.
  private void send(List<Waiting> sent, int server) {
    ObjectNode request = RaceRecord.MAPPER.createObjectNode();
    ArrayNode pairs = request.putArray("pairs");
    for (Waiting one : sent) {
      pairs.addArray().add(one.record().query()).add(one.record().passage());
    }
    try {
      client
          .post(request, server)
          .whenComplete((answer, failure) -> complete(sent, server, answer, failure));
    } catch (IOException e) {
      complete(sent, server, null, e);
    }
  }

  private void complete(List<Waiting> sent, int server, JsonNode answer, Throwable failure) {
    synchronized (this) {
      free.add(server);
    }
    sendIfFree();
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
}
