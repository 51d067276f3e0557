package dev.crossencoder.job;

import dev.crossencoder.operator.Failure;
import dev.crossencoder.operator.InvalidRecordException;
import dev.crossencoder.operator.Scored;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Splices each score into its record. What has no score, or would be larger than its topic takes,
 * goes to {@link #DEAD_LETTERS} instead.
 */
final class ResultSplicer extends ProcessFunction<Scored<KafkaRecord>, KafkaRecord> {
  /** Records for the dead-letter topic. */
  static final OutputTag<KafkaRecord> DEAD_LETTERS =
      new OutputTag<>("dead-letters", TypeInformation.of(KafkaRecord.class));

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(ResultSplicer.class);

  /** The group of the operator that scores has the same name. */
  private static final String METRICS = "crossEncoder";

  private static final long LOG_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final ArrayList<PairFields> fields;
  private final String resultName;
  private final boolean overwrite;
  private final boolean logits;
  private final int maxResultBytes;
  private final int maxDeadLetterBytes;

  private transient PairReader reader;
  private transient byte[] quotedName;
  private transient Map<String, Long> lastLogged;
  private transient MetricGroup metrics;
  private transient Map<String, Counter> counted;

  ResultSplicer(JobConfig config, int maxResultBytes, int maxDeadLetterBytes) {
    this.fields = new ArrayList<>(config.fields());
    this.resultName = config.outputField();
    this.overwrite = config.overwrite();
    this.logits = config.logits();
    this.maxResultBytes = maxResultBytes;
    this.maxDeadLetterBytes = maxDeadLetterBytes;
  }

  @Override
  public void open(OpenContext openContext) {
    reader = new PairReader(fields, resultName, overwrite);
    quotedName = ScoreJson.quote(resultName);
    lastLogged = new HashMap<>();
    metrics = getRuntimeContext().getMetricGroup().addGroup(METRICS);
    counted = new HashMap<>();
  }

  @Override
  public void processElement(
      Scored<KafkaRecord> scored, Context context, Collector<KafkaRecord> out)
      throws InvalidRecordException {
    KafkaRecord element = scored.element();
    if (scored.failed()) {
      deadLetter(element, scored.failure(), context);
      return;
    }
    ScoreJson json = new ScoreJson(scored.model(), scored.revision(), logits);
    byte[] value =
        reader
            .read(element.value())
            .splice(element.value(), quotedName, json.write(scored.scores().get(0)));
    KafkaRecord result = element.withValue(value);
    int size = RecordSize.of(result);
    if (size > maxResultBytes) {
      deadLetter(
          element,
          new Failure(
              FailureCodes.OVERSIZED_RESULT,
              "With its result the record has %d bytes, the output topic takes %d."
                  .formatted(size, maxResultBytes)),
          context);
      return;
    }
    out.collect(result);
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
