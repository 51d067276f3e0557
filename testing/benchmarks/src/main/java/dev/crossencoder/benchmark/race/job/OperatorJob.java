package dev.crossencoder.benchmark.race.job;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.operator.CrossEncoderFunction;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.configuration.Configuration;

/** Scores with this project's operator in a DataStream. */
public final class OperatorJob {
  private OperatorJob() {}

  /** Runs the job until it is cancelled. */
  public static void main(String[] args) throws Exception {
    RaceJob job = new RaceJob(args);
    Configuration options = new Configuration();
    options.set(CrossEncoderFunctionOptions.MODEL, job.text("model"));
    job.run(
        CrossEncoderFunction.score(job.input(), "pairs", OperatorJob::pairs, options)
            .map(
                scored -> RaceRecord.parse(scored.element()).scored(scored.scores().get(0).score()))
            .returns(PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
  }

  private static List<TextPair> pairs(byte[] value) {
    try {
      RaceRecord record = RaceRecord.parse(value);
      return List.of(new TextPair(record.query(), record.passage()));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read a record", e);
    }
  }
}
