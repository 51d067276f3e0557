package dev.crossencoder.job.pipeline;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.kafka.topic.DeadLetters;
import dev.crossencoder.job.kafka.topic.OutputTopics;
import dev.crossencoder.job.kafka.topic.RecordRules;
import dev.crossencoder.job.kafka.topic.RecordSize;
import dev.crossencoder.job.options.InputConfig;
import dev.crossencoder.job.options.JobOptions.InputTombstones;
import dev.crossencoder.job.options.JobOptions.OutputTimestamp;
import dev.crossencoder.job.options.OutputConfig;
import dev.crossencoder.job.record.RecordFormat;
import dev.crossencoder.job.record.ResultPlace;
import dev.crossencoder.job.record.ScoreJson;
import dev.crossencoder.operator.Failure;
import dev.crossencoder.operator.InvalidRecordException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.apache.flink.util.function.SerializableFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Splices each result into its record. A record without a result, or whose result its topic would
 * refuse, goes to {@link #DEAD_LETTERS} instead.
 *
 * @param <R> the type of the results
 */
final class ResultSplicer<R> extends ProcessFunction<R, KafkaRecord> {
  /** Records for the dead-letter topic. */
  static final OutputTag<KafkaRecord> DEAD_LETTERS =
      new OutputTag<>("dead-letters", TypeInformation.of(KafkaRecord.class));

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(ResultSplicer.class);

  /** The name of the metric group; that of the operator that scores has the same name. */
  private static final String METRICS = "crossEncoder";

  private static final byte[] NOTHING = {};
  private static final long LOG_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final InputConfig input;
  private final OutputConfig output;
  private final RecordFormat<? super R> format;
  private final SerializableFunction<R, KafkaRecord> elementOf;
  private OutputTopics outputs;

  private transient byte[] quotedName;
  private transient RecordRules resultRules;
  private transient int maxDeadLetterBytes;
  private transient Map<String, Long> lastLogged;
  private transient MetricGroup metrics;
  private transient Map<String, Counter> counted;
  private transient Counter tombstonesCounted;

  /**
   * Creates a splicer.
   *
   * @param elementOf returns the record of a result
   */
  ResultSplicer(
      InputConfig input,
      OutputConfig output,
      RecordFormat<? super R> format,
      SerializableFunction<R, KafkaRecord> elementOf,
      OutputTopics outputs) {
    this.input = input;
    this.output = output;
    this.format = format;
    this.elementOf = elementOf;
    this.outputs = outputs;
  }

  @Override
  public void open(OpenContext openContext) {
    if (getRuntimeContext().getTaskInfo().getAttemptNumber() > 0) {
      // A record that was refused since the topics changed must not be the end of every attempt.
      outputs = outputs.lookAgain();
    }
    resultRules = outputs.resultRules();
    maxDeadLetterBytes = outputs.deadLetterSize().bytes();
    quotedName = ScoreJson.quote(output.field());
    lastLogged = new HashMap<>();
    metrics = getRuntimeContext().getMetricGroup().addGroup(METRICS);
    counted = new HashMap<>();
    tombstonesCounted = metrics.counter("tombstones");
  }

  @Override
  public void processElement(R result, Context context, Collector<KafkaRecord> out)
      throws InvalidRecordException {
    KafkaRecord element = elementOf.apply(result);
    Failure failure = format.failure(result);
    if (failure != null) {
      deadLetter(element, failure, context);
      return;
    }
    if (element.value() == null) {
      tombstonesCounted.inc();
      if (input.tombstones() == InputTombstones.FORWARD) {
        emit(element, element, context, out);
      }
      return;
    }
    // The selector has read this value, in this run: after a restart records in flight come again.
    byte[] json = format.json(result, element.value());
    ResultPlace place = format.place(element.value());
    // Before anything of that size is made.
    Optional<Failure> refusal =
        resultRules.oversized(
            RecordSize.of(element.withValue(NOTHING))
                + place.length(element.value(), quotedName, json));
    if (refusal.isPresent()) {
      deadLetter(element, refusal.get(), context);
      return;
    }
    emit(element, element.withValue(place.splice(element.value(), quotedName, json)), context, out);
  }

  private void emit(
      KafkaRecord element, KafkaRecord spliced, Context context, Collector<KafkaRecord> out) {
    KafkaRecord result =
        output.timestamp() == OutputTimestamp.RECORD ? spliced : spliced.withoutTimestamp();
    Optional<Failure> refusal = resultRules.refusal(result, System.currentTimeMillis());
    if (refusal.isPresent()) {
      deadLetter(element, refusal.get(), context);
    } else {
      out.collect(result);
    }
  }

  private void deadLetter(KafkaRecord element, Failure failure, Context context) {
    long now = System.nanoTime();
    Long last = lastLogged.get(failure.code());
    if (last == null || now - last > LOG_INTERVAL_NANOS) {
      lastLogged.put(failure.code(), now);
      LOG.warn(
          "Record {} becomes a dead letter ({}): {} Further ones for this reason are logged once a minute at most.",
          element,
          failure.code(),
          failure.message());
    }
    counted
        .computeIfAbsent(
            failure.code(), code -> metrics.addGroup("code", code).counter("deadLetters"))
        .inc();
    context.output(DEAD_LETTERS, DeadLetters.of(element, failure, maxDeadLetterBytes));
  }
}
