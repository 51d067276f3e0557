package dev.crossencoder.benchmark.race.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;

/**
 * Asks Infinity's {@code /rerank} for the score of each record. The request has one query, and each
 * record has its own, so that there is one document in a request. The server makes the batches.
 */
final class RerankFunction extends RichAsyncFunction<byte[], byte[]> {
  private static final long serialVersionUID = 1L;

  private final List<String> urls;
  private final String model;
  private final boolean rawScores;

  private transient JsonClient client;

  RerankFunction(List<String> urls, String model, boolean rawScores) {
    this.urls = List.copyOf(urls);
    this.model = model;
    this.rawScores = rawScores;
  }

  @Override
  public void open(OpenContext context) {
    client = new JsonClient(urls);
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // A failure completes the record.
  public void asyncInvoke(byte[] value, ResultFuture<byte[]> result) throws IOException {
    RaceRecord record = RaceRecord.parse(value);
    ObjectNode request =
        RaceRecord.MAPPER
            .createObjectNode()
            .put("model", model)
            .put("query", record.query())
            .put("raw_scores", rawScores)
            .put("return_documents", false);
    request.putArray("documents").add(record.passage());
    client
        .post(request)
        .thenApply(
            answer -> {
              try {
                return record.scored(answer.at("/results/0/relevance_score").floatValue());
              } catch (IOException e) {
                throw new UncheckedIOException("Cannot write a record", e);
              }
            })
        .whenComplete(
            (scored, failure) -> {
              if (failure == null) {
                result.complete(Collections.singleton(scored));
              } else {
                result.completeExceptionally(failure);
              }
            });
  }
}
