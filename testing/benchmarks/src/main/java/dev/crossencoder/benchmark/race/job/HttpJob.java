package dev.crossencoder.benchmark.race.job;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.functions.async.AsyncFunction;
import org.apache.flink.streaming.util.retryable.AsyncRetryStrategies;
import org.apache.flink.streaming.util.retryable.RetryPredicates;

/**
 * Asks an HTTP server for the scores with Flink's asynchronous I/O, as its <a
 * href="https://nightlies.apache.org/flink/flink-docs-release-2.2/docs/dev/datastream/operators/asyncio/">page</a>
 * shows it, with its retries: a server that is away for a while does not fail the job.
 */
public final class HttpJob {
  private static final long TIMEOUT_SECONDS = 60;
  private static final int ATTEMPTS = 50;
  private static final long RETRY_MILLIS = 500;

  private HttpJob() {}

  /** Runs the job until it is cancelled. */
  public static void main(String[] args) throws Exception {
    RaceJob job = new RaceJob(args);
    List<String> urls = List.of(job.text("urls").split(","));
    int batch = job.number("batch");
    AsyncFunction<byte[], byte[]> scorer =
        job.text("api").equals("rerank")
            ? new RerankFunction(urls, job.text("model"), job.text("raw-scores").equals("true"))
            : new BatchedHttpFunction(urls, batch);
    job.run(
        AsyncDataStream.unorderedWaitWithRetry(
            job.input(),
            scorer,
            TIMEOUT_SECONDS,
            TimeUnit.SECONDS,
            job.number("capacity"),
            new AsyncRetryStrategies.FixedDelayRetryStrategyBuilder<byte[]>(ATTEMPTS, RETRY_MILLIS)
                .ifException(RetryPredicates.HAS_EXCEPTION_PREDICATE)
                .build()));
  }
}
