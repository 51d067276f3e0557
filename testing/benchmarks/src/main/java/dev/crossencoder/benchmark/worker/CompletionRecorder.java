package dev.crossencoder.benchmark.worker;

import dev.crossencoder.model.Score;
import dev.crossencoder.operator.Scored;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.accumulators.ListAccumulator;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;

/**
 * Records the completion time of each pair at the end of a job. Owned by the task thread.
 *
 * <p>The records are an accumulator with the name {@link #RESULTS}. It is added at the end of the
 * job, because Flink sends accumulators with every heartbeat.
 */
final class CompletionRecorder extends RichMapFunction<Scored<Arrival>, Integer> {
  static final String RESULTS = "completions";

  private static final long serialVersionUID = 1L;

  private transient ListAccumulator<Completion> results;
  private transient List<Completion> completions;

  @Override
  public void open(OpenContext context) {
    completions = new ArrayList<>();
    results = new ListAccumulator<>();
    getRuntimeContext().addAccumulator(RESULTS, results);
  }

  @Override
  public Integer map(Scored<Arrival> scored) {
    long nanos = System.nanoTime();
    if (scored.failed()) {
      throw new IllegalStateException(
          "Cannot measure, %s was not scored: %s"
              .formatted(scored.element(), scored.failure().message()));
    }
    Arrival arrival = scored.element();
    completions.add(
        new Completion(
            arrival.index(),
            arrival.intendedNanos(),
            nanos,
            Clock.cpuNanos(),
            logits(scored.scores().get(0))));
    return arrival.index();
  }

  private static float[] logits(Score score) {
    float[] logits = new float[score.logits().size()];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = score.logits().get(i);
    }
    return logits;
  }

  @Override
  public void close() {
    completions.forEach(results::add);
  }
}
