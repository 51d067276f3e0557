package dev.crossencoder.benchmark.race.job;

import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.util.StringPair;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;

/** Scores each record with {@code Predictor.predict}. */
final class DjlMapFunction extends RichMapFunction<byte[], byte[]> {
  private static final long serialVersionUID = 1L;

  private final DjlModel source;

  private transient ZooModel<StringPair, float[]> model;
  private transient Predictor<StringPair, float[]> predictor;

  DjlMapFunction(DjlModel source) {
    this.source = source;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    model = source.load();
    predictor = model.newPredictor();
  }

  @Override
  public byte[] map(byte[] value) throws Exception {
    RaceRecord record = RaceRecord.parse(value);
    return record.scored(predictor.predict(new StringPair(record.query(), record.passage()))[0]);
  }

  @Override
  public void close() {
    if (model != null) {
      predictor.close();
      model.close();
    }
  }
}
