package dev.crossencoder.benchmark.race.job;

import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * Scores with DJL's {@code CrossEncoderTranslator} in a function: one record at a time, or with
 * {@code batchPredict} when there are enough records or the first one has waited long enough. The
 * latter needs timers, and so a key; there is one key, and so one subtask.
 */
public final class DjlJob {
  private DjlJob() {}

  /** Runs the job until it is cancelled. */
  public static void main(String[] args) throws Exception {
    RaceJob job = new RaceJob(args);
    DjlModel model = new DjlModel(job.text("model"), job.text("sigmoid").equals("true"));
    int batch = job.number("batch");
    DataStream<byte[]> scored =
        batch == 1
            ? job.input().map(new DjlMapFunction(model))
            : job.input()
                .keyBy(value -> 0, Types.INT)
                .process(new DjlBatchFunction(model, batch, job.number("wait-millis")));
    job.run(scored);
  }
}
