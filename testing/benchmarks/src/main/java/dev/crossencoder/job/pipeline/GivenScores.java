package dev.crossencoder.job.pipeline;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.kafka.topic.OutputTopics;
import dev.crossencoder.job.kafka.topic.RecordRules;
import dev.crossencoder.job.kafka.topic.RecordSize;
import dev.crossencoder.job.options.InputConfig;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.OutputConfig;
import dev.crossencoder.job.record.DocumentsFormat;
import dev.crossencoder.job.record.PairFormat;
import dev.crossencoder.job.record.RecordFormat;
import dev.crossencoder.job.record.ResultMember;
import dev.crossencoder.job.record.ResultPlace;
import dev.crossencoder.job.record.ScoreJson;
import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.Score;
import dev.crossencoder.operator.InvalidRecordException;
import dev.crossencoder.operator.LabelThresholds;
import dev.crossencoder.operator.PairOutcome;
import dev.crossencoder.operator.Ranked;
import dev.crossencoder.operator.RecordShape;
import dev.crossencoder.operator.RecordShapes;
import dev.crossencoder.operator.Scored;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.async.AsyncFunction;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.util.function.SerializableFunction;

/**
 * The path of a record through the job with scores that are given, for benchmarks: the job's
 * selectors, shapes and formats, without Kafka, tokenizer and model. In the package of these
 * classes, because they are not public. Owned by one thread.
 *
 * @param <R> the type of the results
 */
public final class GivenScores<R> {
  private static final String MODEL = "cross-encoder/ms-marco-MiniLM-L6-v2";
  private static final String REVISION = "sha256:" + "0123456789abcdef".repeat(4);
  private static final PairOutcome OUTCOME =
      new PairOutcome(new Score(0.9321f, null, Map.of(), List.of(2.6203f), false), null);

  private final JobConfig config;
  private final RecordShape<KafkaRecord, R> shape;
  private final RecordFormat<? super R> format;
  private final SerializableFunction<R, KafkaRecord> elementOf;
  private final byte[] quotedName;
  private final RecordRules rules;

  private GivenScores(
      JobConfig config,
      RecordShape<KafkaRecord, R> shape,
      RecordFormat<? super R> format,
      SerializableFunction<R, KafkaRecord> elementOf) {
    this.config = config;
    this.shape = shape;
    this.format = format;
    this.elementOf = elementOf;
    this.quotedName = ScoreJson.quote(config.output().field());
    this.rules = topics(config).resultRules();
  }

  /** Returns the path of records with pairs or with documents, as the options say. */
  public static GivenScores<?> of(JobConfig config) {
    InputConfig input = config.input();
    OutputConfig output = config.output();
    ResultMember member =
        new ResultMember(output.field(), output.overwrite(), output.logits(), input.framing());
    if (input.documents() == null) {
      PairFormat format = new PairFormat(input.fields(), member);
      return new GivenScores<>(
          config,
          RecordShapes.pairs(
              new KafkaPairSelector(input, format),
              Float.NEGATIVE_INFINITY,
              LabelThresholds.from(config.operator())),
          format,
          Scored::element);
    }
    int maxDocuments = RecordShapes.maxDocuments(config.operator());
    DocumentsFormat format =
        new DocumentsFormat(input.documents(), maxDocuments, output.returnDocuments(), member);
    return new GivenScores<>(
        config,
        RecordShapes.documents(new KafkaRankSelector(input, format), RankOptions.ALL, maxDocuments),
        format,
        Ranked::element);
  }

  private static OutputTopics topics(JobConfig config) {
    return new OutputTopics(config, Map.of(), Integer.MAX_VALUE);
  }

  /** Takes a record through all steps on this thread, as the operators of the job do. */
  public KafkaRecord apply(KafkaRecord element) throws InvalidRecordException {
    R result = result(shape, element);
    byte[] value = element.value();
    byte[] json = format.json(result, value);
    ResultPlace place = format.place(value);
    long length =
        RecordSize.of(element.withValue(new byte[0])) + place.length(value, quotedName, json);
    if (rules.oversized(length).isPresent()) {
      throw new IllegalStateException("Cannot splice the result, it is too large: " + length);
    }
    KafkaRecord spliced = element.withValue(place.splice(value, quotedName, json));
    if (rules.refusal(spliced, System.currentTimeMillis()).isPresent()) {
      throw new IllegalStateException("Cannot emit the result, its topic would refuse it");
    }
    return spliced;
  }

  /** Adds the operators of the job to a stream, with a function that completes at once. */
  public SingleOutputStreamOperator<KafkaRecord> add(
      SingleOutputStreamOperator<KafkaRecord> records, AsyncWait wait) {
    return wait.add(records, new Function<>(shape))
        .returns(shape.resultType(records.getType()))
        .process(
            new ResultSplicer<>(
                config.input(), config.output(), format, elementOf, topics(config)));
  }

  private static <R> R result(RecordShape<KafkaRecord, R> shape, KafkaRecord element)
      throws InvalidRecordException {
    RecordShape.Request<R> request = shape.request(element);
    List<PairOutcome> outcomes = Collections.nCopies(request.pairs().size(), OUTCOME);
    return request.reducer().result(outcomes, MODEL, REVISION).orElseThrow();
  }

  /** How an asynchronous function is added to a stream. */
  @FunctionalInterface
  public interface AsyncWait {
    /** Adds the function. */
    <R> SingleOutputStreamOperator<R> add(
        SingleOutputStreamOperator<KafkaRecord> records, AsyncFunction<KafkaRecord, R> function);
  }

  private record Function<R>(RecordShape<KafkaRecord, R> shape)
      implements AsyncFunction<KafkaRecord, R> {
    private static final long serialVersionUID = 1L;

    @Override
    public void asyncInvoke(KafkaRecord element, ResultFuture<R> resultFuture)
        throws InvalidRecordException {
      resultFuture.complete(List.of(result(shape, element)));
    }
  }
}
