package dev.crossencoder.benchmark.race.job;

import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.util.StringPair;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Scores several records with {@code Predictor.batchPredict}: when there are enough, or when the
 * first one has waited long enough. Waiting records are state.
 */
final class DjlBatchFunction extends KeyedProcessFunction<Integer, byte[], byte[]> {
  private static final long serialVersionUID = 1L;

  private final DjlModel source;
  private final int batch;
  private final long waitMillis;

  private transient ZooModel<StringPair, float[]> model;
  private transient Predictor<StringPair, float[]> predictor;
  private transient ListState<byte[]> waiting;

  DjlBatchFunction(DjlModel source, int batch, long waitMillis) {
    this.source = source;
    this.batch = batch;
    this.waitMillis = waitMillis;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    model = source.load();
    predictor = model.newPredictor();
    waiting =
        getRuntimeContext()
            .getListState(
                new ListStateDescriptor<>(
                    "waiting", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
  }

  @Override
  public void processElement(byte[] value, Context context, Collector<byte[]> output)
      throws Exception {
    waiting.add(value);
    List<byte[]> values = values();
    if (values.size() >= batch) {
      score(values, output);
    } else if (values.size() == 1) {
      context
          .timerService()
          .registerProcessingTimeTimer(context.timerService().currentProcessingTime() + waitMillis);
    }
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<byte[]> output)
      throws Exception {
    List<byte[]> values = values();
    if (!values.isEmpty()) {
      score(values, output);
    }
  }

  private List<byte[]> values() throws Exception {
    List<byte[]> values = new ArrayList<>();
    waiting.get().forEach(values::add);
    return values;
  }

  private void score(List<byte[]> values, Collector<byte[]> output) throws Exception {
    List<RaceRecord> records = new ArrayList<>();
    List<StringPair> pairs = new ArrayList<>();
    for (byte[] value : values) {
      RaceRecord record = RaceRecord.parse(value);
      records.add(record);
      pairs.add(new StringPair(record.query(), record.passage()));
    }
    List<float[]> scores = predictor.batchPredict(pairs);
    for (int i = 0; i < records.size(); i++) {
      output.collect(records.get(i).scored(scores.get(i)[0]));
    }
    waiting.clear();
  }

  @Override
  public void close() {
    if (model != null) {
      predictor.close();
      model.close();
    }
  }
}
