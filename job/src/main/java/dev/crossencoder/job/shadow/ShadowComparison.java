package dev.crossencoder.job.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.kafka.topic.OutputTopics;
import dev.crossencoder.job.kafka.topic.RecordRules;
import dev.crossencoder.job.kafka.topic.RecordSize;
import dev.crossencoder.job.record.RecordFormat;
import dev.crossencoder.job.record.ResultPlace;
import dev.crossencoder.job.record.ScoreJson;
import dev.crossencoder.operator.InvalidRecordException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.function.SerializableFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the results of two models for the same record, of which the first one is in the record
 * already. Emits the record with both. A record for which there is nothing to compare is counted.
 *
 * @param <R> the type of the second model's results
 */
@Internal
public final class ShadowComparison<R> extends ProcessFunction<R, KafkaRecord> {
  private static final long serialVersionUID = 1L;
  private static final String METRICS = "crossEncoder";
  private static final Logger LOG = LoggerFactory.getLogger(ShadowComparison.class);
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final byte[] NOTHING = {};

  private final String field;
  private final String shadowField;
  private final RecordFormat<? super R> format;
  private final SerializableFunction<R, KafkaRecord> elementOf;
  private final int frameLength;
  private final OutputTopics outputs;
  private final boolean emits;

  private transient ShadowWindow window;
  private transient Counter compared;
  private transient Counter incomparable;
  private transient RecordRules rules;
  private transient byte[] quotedName;

  /**
   * Creates a comparison.
   *
   * @param field the member with the first model's result
   * @param shadowField the member for the second model's result
   * @param format writes the second model's result
   * @param elementOf returns the record of a result
   * @param frameLength the number of bytes before the JSON of a record
   * @param outputs what the output topic accepts, and with it the topic of these records
   * @param emits whether records with both results are emitted
   */
  public ShadowComparison(
      String field,
      String shadowField,
      RecordFormat<? super R> format,
      SerializableFunction<R, KafkaRecord> elementOf,
      int frameLength,
      OutputTopics outputs,
      boolean emits) {
    this.field = field;
    this.format = format;
    this.elementOf = elementOf;
    this.frameLength = frameLength;
    this.outputs = outputs;
    this.emits = emits;
    this.shadowField = shadowField;
  }

  @Override
  public void open(OpenContext openContext) {
    window = new ShadowWindow();
    rules = outputs.resultRules();
    quotedName = ScoreJson.quote(shadowField);
    MetricGroup metrics = getRuntimeContext().getMetricGroup().addGroup(METRICS);
    compared = metrics.counter("shadowCompared");
    incomparable = metrics.counter("shadowIncomparable");
    metrics.gauge("shadowKendall", (Gauge<Double>) window::kendall);
    metrics.gauge("shadowSpearman", (Gauge<Double>) window::spearman);
    metrics.gauge("shadowAgreement", (Gauge<Double>) window::agreement);
    metrics.gauge("shadowScoreDifference", (Gauge<Double>) window::meanDifference);
  }

  @Override
  public void processElement(R result, Context context, Collector<KafkaRecord> out) {
    boolean isCompared = false;
    try {
      isCompared = format.failure(result) == null && compare(result, out);
    } catch (IOException | InvalidRecordException | RuntimeException e) {
      // The first model's parser has no limits, and this one has: a record must not end the job.
      LOG.debug("Cannot compare the results of a record", e);
    }
    (isCompared ? compared : incomparable).inc();
  }

  private boolean compare(R result, Collector<KafkaRecord> out)
      throws IOException, InvalidRecordException {
    KafkaRecord element = elementOf.apply(result);
    byte[] value = element.value();
    byte[] json = format.json(result, value);
    JsonNode one = MAPPER.readTree(value, frameLength, value.length - frameLength).path(field);
    JsonNode other = MAPPER.readTree(json);
    Map<String, Double> first = scores(one);
    Map<String, Double> second = scores(other);
    first.keySet().retainAll(second.keySet());
    second.keySet().retainAll(first.keySet());
    if (first.isEmpty()) {
      return false;
    }
    window.add(
        new ShadowWindow.Compared(values(first), values(second), agree(one, other, first, second)));
    if (emits) {
      emit(element, json, out);
    }
    return true;
  }

  /** Emits a record with both results, unless its topic would refuse it. */
  private void emit(KafkaRecord element, byte[] json, Collector<KafkaRecord> out)
      throws InvalidRecordException {
    ResultPlace place = format.place(element.value());
    long length = place.length(element.value(), quotedName, json);
    if (rules.oversized(RecordSize.of(element.withValue(NOTHING)) + length).isEmpty()) {
      KafkaRecord both = element.withValue(place.splice(element.value(), quotedName, json));
      if (rules.refusal(both, System.currentTimeMillis()).isEmpty()) {
        out.collect(both);
      }
    }
  }

  private static double[] values(Map<String, Double> scores) {
    return scores.values().stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Returns the scores of a result: by document, by label, or the only one. */
  private static Map<String, Double> scores(JsonNode result) {
    Map<String, Double> scores = new TreeMap<>();
    for (JsonNode document : result.path("results")) {
      scores.put(document.path("index").asText(), document.path("relevance_score").asDouble());
    }
    JsonNode labels = result.path("scores");
    for (Iterator<String> names = labels.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      scores.put(name, labels.path(name).asDouble());
    }
    List<String> classes = new ArrayList<>();
    result.path("labels").forEach(label -> classes.add(label.asText()));
    for (int i = 0; i < classes.size(); i++) {
      scores.put(classes.get(i), labels.path(i).asDouble());
    }
    if (scores.isEmpty() && result.path("score").isNumber()) {
      scores.put("", result.path("score").asDouble());
    }
    return scores;
  }

  /** Returns whether the same label, or the same document, is the best; one score always agrees. */
  private static boolean agree(
      JsonNode one, JsonNode other, Map<String, Double> first, Map<String, Double> second) {
    if (one.has("label") && other.has("label")) {
      return one.path("label").equals(other.path("label"));
    }
    return best(first).equals(best(second));
  }

  private static String best(Map<String, Double> scores) {
    return scores.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
  }
}
