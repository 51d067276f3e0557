package dev.crossencoder.benchmark.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.operator.CrossEncoderFunction;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * The operator with default options in a job of source, operator and sink, in a MiniCluster with
 * one slot. Each request runs a new job, which loads the model.
 */
final class OperatorWorker implements Worker {
  private final Configuration options = new Configuration();

  /**
   * Creates a worker.
   *
   * @param json {@code bundle} and {@code threads}
   */
  OperatorWorker(JsonNode json) {
    options.set(CrossEncoderFunctionOptions.MODEL, json.path("bundle").textValue());
    options.set(CrossEncoderFunctionOptions.CPU_THREADS, json.path("threads").intValue());
  }

  @Override
  public ObjectNode answer(JsonNode request) throws Exception {
    String file = request.path("pairs").textValue();
    return switch (request.path("command").asText()) {
      case "score" ->
          score(file, request.path("warmUp").intValue(), request.path("count").intValue());
      case "load" -> load(file, request);
      default -> throw Worker.unknown(request, "score, load");
    };
  }

  /**
   * Scores pairs as fast as it can. The clock starts between two forward passes after the warm-up.
   */
  private ObjectNode score(String file, int warmUp, int count) throws Exception {
    List<Completion> completions = run(file, Schedule.full(warmUp + count));
    long[] times = completions.stream().mapToLong(Completion::nanos).toArray();
    int first = Bursts.firstAfter(times, warmUp);
    Completion before = completions.get(first - 1);
    Completion last = completions.get(completions.size() - 1);
    ObjectNode reply = JsonNodeFactory.instance.objectNode();
    reply
        .put("seconds", (last.nanos() - before.nanos()) / 1e9)
        .put("cpuSeconds", (last.cpuNanos() - before.cpuNanos()) / 1e9)
        .put("first", first)
        .put("pairs", completions.size() - first);
    ArrayNode logits = reply.putArray("logits");
    for (Completion completion : completions) {
      ArrayNode row = logits.addArray();
      for (float logit : completion.logits()) {
        row.add(logit);
      }
    }
    return reply;
  }

  /**
   * Offers pairs at random times, and returns the latency of each pair from its scheduled arrival.
   */
  private ObjectNode load(String file, JsonNode request) throws Exception {
    int warmUp = request.path("warmUp").intValue();
    Schedule schedule = Schedule.poisson(request);
    ObjectNode reply = JsonNodeFactory.instance.objectNode();
    ArrayNode indices = reply.putArray("indices");
    ArrayNode seconds = reply.putArray("seconds");
    List<Completion> completions = run(file, schedule);
    for (Completion completion : completions.subList(warmUp, completions.size())) {
      indices.add(completion.index());
      seconds.add((completion.nanos() - completion.intendedNanos()) / 1e9);
    }
    return reply;
  }

  private List<Completion> run(String file, Schedule schedule) throws Exception {
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1);
    TypeInformation<Arrival> type = TypeInformation.of(Arrival.class);
    DataStream<Arrival> arrivals =
        environment.fromSource(
            new ArrivalSource(file, schedule), WatermarkStrategy.noWatermarks(), "arrivals", type);
    CrossEncoderFunction.score(arrivals, "score", arrival -> List.of(arrival.pair()), options)
        .map(new CompletionRecorder())
        .returns(Types.INT)
        .sinkTo(new DiscardingSink<>());
    List<Completion> completions =
        environment.execute("arrivals").getAccumulatorResult(CompletionRecorder.RESULTS);
    for (int i = 0; i < schedule.size(); i++) {
      if (completions.size() != schedule.size() || completions.get(i).index() != i) {
        throw new IllegalStateException(
            "Cannot measure, %d of %d pairs came out, or not in order."
                .formatted(completions.size(), schedule.size()));
      }
    }
    return completions;
  }

  @Override
  public void close() {}
}
