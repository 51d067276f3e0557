package dev.crossencoder.benchmark.race.job;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.functions.async.AsyncFunction;

/**
 * Asks an HTTP server for the scores with Flink's asynchronous I/O, as its <a
 * href="https://nightlies.apache.org/flink/flink-docs-release-2.2/docs/dev/datastream/operators/asyncio/">page</a>
 * shows it. A request that fails fails the job, which restarts from its checkpoint.
 */
public final class HttpJob {
  private static final long TIMEOUT_SECONDS = 60;

  private HttpJob() {}

  /** Runs the job until it is cancelled. */
  public static void main(String[] args) throws Exception {
    RaceJob job = new RaceJob(args);
    List<String> urls = List.of(job.text("urls").split(","));
    int batch = job.number("batch");
    AsyncFunction<byte[], byte[]> scorer =
        job.text("api").equals("rerank")
            ? new RerankFunction(urls, job.text("model"), job.text("raw-scores").equals("true"))
            : new BatchedHttpFunction(urls, batch, Duration.ofMillis(job.number("wait-millis")));
    job.run(
        AsyncDataStream.unorderedWait(
            job.input(), scorer, TIMEOUT_SECONDS, TimeUnit.SECONDS, job.number("capacity")));
  }
}
