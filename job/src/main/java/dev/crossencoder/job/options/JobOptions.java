package dev.crossencoder.job.options;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;

import dev.crossencoder.job.record.InputFraming;
import dev.crossencoder.operator.InvalidOptionException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;

/** The options of the job, without those of the operator and of Kafka's clients. */
@PublicEvolving
public final class JobOptions {
  /** The prefix of the keys of client options, as in Flink's Kafka connector for SQL. */
  public static final String PROPERTIES_PREFIX = "properties.";

  /** An alternative prefix; {@link #PROPERTIES_PREFIX} takes precedence. */
  static final String KAFKA_PREFIX = "kafka.";

  private static final String OPERATOR_PREFIX = "cross-encoder.";

  /** {@code job.name}. */
  public static final ConfigOption<String> JOB_NAME =
      ConfigOptions.key("job.name")
          .stringType()
          .defaultValue("cross-encoder")
          .withDescription(
              "The job's name, and the default of the consumer group and of the transaction prefix. Two jobs on one Kafka cluster need different names.");

  /** {@code bootstrap-servers}. */
  public static final ConfigOption<String> BOOTSTRAP_SERVERS =
      ConfigOptions.key("bootstrap-servers")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Kafka brokers for the first connection, as host:port, separated by commas.");

  /** {@code input.topic}. */
  public static final ConfigOption<String> INPUT_TOPIC =
      ConfigOptions.key("input.topic")
          .stringType()
          .noDefaultValue()
          .withDescription("The topic with the records to score. Each record is a JSON object.");

  /** {@code output.topic}. */
  public static final ConfigOption<String> OUTPUT_TOPIC =
      ConfigOptions.key("output.topic")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The topic for scored records. If it has as many partitions as the input topic, a record keeps its partition number.");

  /** {@code dead-letter.topic}. */
  public static final ConfigOption<String> DEAD_LETTER_TOPIC =
      ConfigOptions.key("dead-letter.topic")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The topic for records that cannot be scored, with the reason in their headers. By default the output topic's name and -dead-letters.");

  /** {@code consumer.group}. */
  public static final ConfigOption<String> CONSUMER_GROUP =
      ConfigOptions.key("consumer.group")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The consumer group to which progress is committed, for monitoring and for a first start. Restarts use the checkpoint. By default the job's name.");

  /** {@code input.framing}. */
  public static final ConfigOption<InputFraming> INPUT_FRAMING =
      ConfigOptions.key(InputFraming.KEY)
          .enumType(InputFraming.class)
          .defaultValue(InputFraming.NONE)
          .withDescription(
              "The bytes before the JSON in a record's value. 'none' means no bytes. 'confluent' means a zero byte and four bytes with the schema's id, as written for JSON Schema by the serializers of Confluent's registry, and by those of Apicurio's by default since 3.0. 'apicurio' means a zero byte and eight bytes, as older serializers of Apicurio's registry write. Results have the same frame, and their schema must allow the added member. A record with another frame becomes a dead letter that names the value to set.");

  /** {@code input.tombstones}. */
  public static final ConfigOption<InputTombstones> INPUT_TOMBSTONES =
      ConfigOptions.key("input.tombstones")
          .enumType(InputTombstones.class)
          .defaultValue(InputTombstones.DEAD_LETTER)
          .withDescription(
              "What happens to a record whose value is null. 'dead-letter' treats it as an error. 'forward' writes key, headers and null to the output topic, in order with the results: choose it if input and output are compacted, because nothing else deletes a result there. 'drop' omits it. The metric tombstones counts forwarded and dropped records.");

  /** {@code from}. */
  public static final ConfigOption<String> FROM =
      ConfigOptions.key("from")
          .stringType()
          .defaultValue("committed")
          .withDescription(
              "Where to start without a checkpoint or savepoint: 'committed' (the group's offsets, otherwise the earliest), 'earliest', 'latest', or a time such as 2026-01-31T00:00:00Z.");

  /** {@code until}. */
  public static final ConfigOption<String> UNTIL =
      ConfigOptions.key("until")
          .stringType()
          .defaultValue("never")
          .withDescription(
              "Where to stop: 'never', 'latest' (what is in the topic when the job is submitted; the job then ends by itself), 'committed' (the group's offsets), or a time such as 2026-01-31T00:00:00Z (records before the first one of that time or later). It also applies to a job that is resumed.");

  /** {@code input.text}. */
  public static final ConfigOption<String> INPUT_TEXT =
      ConfigOptions.key("input.text")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "JSON Pointer of the first text, such as /query or /doc/title. By default /query, or /premise if there is no /query.");

  /** {@code input.text-pair}. */
  public static final ConfigOption<String> INPUT_TEXT_PAIR =
      ConfigOptions.key("input.text-pair")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "JSON Pointer of the second text. By default /passage, or /hypothesis if there is no /passage. Set both pointers or neither.");

  /** {@code input.documents}. */
  public static final ConfigOption<String> INPUT_DOCUMENTS =
      ConfigOptions.key("input.documents")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "JSON Pointer of an array of documents, such as /documents. The job then ranks the documents of each record by the query at input.text, by default /query. A document is a string, or an object with its text at document-text. A document without a text is an error in the result, not a dead letter.");

  /** {@code document-text}. */
  public static final ConfigOption<String> DOCUMENT_TEXT =
      ConfigOptions.key("document-text")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "JSON Pointer of the text within a document that is an object. By default /text, or /content if there is no /text. Needs input.documents.");

  /** {@code route}. */
  public static final ConfigOption<String> ROUTE =
      ConfigOptions.key("route")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "JSON Pointer of the name of the model that scores a record, such as /model or /language. Needs cross-encoder.models, which has the names. A record without it, or with null, is scored by cross-encoder.route.default; a record with another name becomes a dead letter, unknown_model.");

  /** {@code canary.model}. */
  public static final ConfigOption<String> CANARY_MODEL =
      ConfigOptions.key("canary.model")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The name of the model, one of cross-encoder.models, that scores canary.percent of the records that would otherwise be scored by cross-encoder.route.default. The result of a record says which model scored it.");

  /** {@code canary.percent}. */
  public static final ConfigOption<Double> CANARY_PERCENT =
      ConfigOptions.key("canary.percent")
          .doubleType()
          .noDefaultValue()
          .withDescription(
              "The share of the keys that canary.model scores, from 0.01 to 100. All records with one key are scored by the same model, also after a restart and with another parallelism; if the share is raised, keys that it has stay with it. A record without a key is chosen by its partition and offset.");

  /** {@code shadow.model}. */
  public static final ConfigOption<String> SHADOW_MODEL =
      ConfigOptions.key("shadow.model")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "A second model that scores a sample of the records beside the first one, to compare the two before anybody uses the second one's scores. It only gets cores that would be free; records for which there are none are left out. Metrics compare the scores, and shadow.topic gets both.");

  /** {@code shadow.sample}. */
  public static final ConfigOption<Double> SHADOW_SAMPLE =
      ConfigOptions.key("shadow.sample")
          .doubleType()
          .defaultValue(0.01)
          .withDescription(
              "The share of the scored records that shadow.model scores, too, from 0.0001 to 1. The partition and offset of a record decide.");

  /** {@code shadow.topic}. */
  public static final ConfigOption<String> SHADOW_TOPIC =
      ConfigOptions.key("shadow.topic")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The topic for records that both models have scored: the record of the output topic with the second result in a second member, named output.field followed by _shadow. It must accept what the output topic accepts. Without it, there are only metrics.");

  /** {@code model.update}. */
  public static final ConfigOption<ModelUpdate> MODEL_UPDATE =
      ConfigOptions.key("model.update")
          .enumType(ModelUpdate.class)
          .defaultValue(ModelUpdate.NEVER)
          .withDescription(
              "What changes the models while the job runs. 'never': nothing. 'topic': messages in model.control-topic. 'poll': a folder that gets other files, also one such as s3://bucket/model, a symbolic link that gets another target, or a branch or tag of the hub that gets another commit, looked at every model.poll-interval. All subtasks prepare a new revision beside the old one, and use it when all are ready; if one cannot, the old one goes on.");

  /** {@code model.control-topic}. */
  public static final ConfigOption<String> MODEL_CONTROL_TOPIC =
      ConfigOptions.key("model.control-topic")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The topic with messages that change models, with model.update topic. The key of a message is the model's name, empty if the job has one; its value a JSON object with model, and optionally digest, from (a time) and name. A null value leads back to the model of the options. Each job needs a topic of its own. The job writes to the same topic what became of it. It should be compacted, and only those should write to it who may change the job.");

  /** {@code model.poll-interval}. */
  public static final ConfigOption<Duration> MODEL_POLL_INTERVAL =
      ConfigOptions.key("model.poll-interval")
          .durationType()
          .defaultValue(Duration.ofMinutes(1))
          .withDescription("How often the models are looked at, with model.update poll.");

  /** {@code model.prepare-timeout}. */
  public static final ConfigOption<Duration> MODEL_PREPARE_TIMEOUT =
      ConfigOptions.key("model.prepare-timeout")
          .durationType()
          .defaultValue(Duration.ofMinutes(10))
          .withDescription(
              "The longest time in which all subtasks must have found, downloaded, compiled, loaded and tried a new revision of a model. After it, the old one goes on.");

  /** {@code model.missing}. */
  public static final ConfigOption<MissingModel> MODEL_MISSING =
      ConfigOptions.key("model.missing")
          .enumType(MissingModel.class)
          .defaultValue(MissingModel.FAIL)
          .withDescription(
              "What happens after a restart to records in flight whose revision of a model cannot be found any more. 'fail' ends the job with an error that names it. 'active' scores them with the revision in use, and counts them in the metric recordsRetagged. If the model of the options was replaced at its place, it scores them with either value.");

  /** {@code input.out-of-range}. */
  public static final ConfigOption<OutOfRange> INPUT_OUT_OF_RANGE =
      ConfigOptions.key("input.out-of-range")
          .enumType(OutOfRange.class)
          .defaultValue(OutOfRange.FAIL)
          .withDescription(
              "What the job does when Kafka has deleted records that were not read yet, because the job was stopped or slower than the topic's retention. 'fail' ends the job without restarts, because the records are lost. 'earliest' continues with the first record that is left, with an error in the log and in the metric offsetsSkipped; set it if that is acceptable. A position beyond the topic's end always ends the job, because the topic was recreated.");

  /** {@code output.field}. */
  public static final ConfigOption<String> OUTPUT_FIELD =
      ConfigOptions.key("output.field")
          .stringType()
          .defaultValue("cross_encoder")
          .withDescription("The name of the member that is added to each record.");

  /** {@code output.overwrite}. */
  public static final ConfigOption<Boolean> OUTPUT_OVERWRITE =
      ConfigOptions.key("output.overwrite")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Whether a member of that name in the input is replaced. Otherwise such a record becomes a dead letter, because it was probably scored before.");

  /** {@code output.logits}. */
  public static final ConfigOption<Boolean> OUTPUT_LOGITS =
      ConfigOptions.key("output.logits")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Whether to add the logits, for calibration or for comparison with other implementations.");

  /** {@code return-documents}. */
  public static final ConfigOption<Boolean> RETURN_DOCUMENTS =
      ConfigOptions.key("return-documents")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Whether each result of a ranked record contains the text of its document. The record has the documents anyway. Needs input.documents.");

  /** {@code output.timestamp}. */
  public static final ConfigOption<OutputTimestamp> OUTPUT_TIMESTAMP =
      ConfigOptions.key("output.timestamp")
          .enumType(OutputTimestamp.class)
          .defaultValue(OutputTimestamp.RECORD)
          .withDescription(
              "The timestamp of a result. 'record' keeps the input record's timestamp; a record becomes a dead letter if its timestamp is further from the clock than the output topic allows (message.timestamp.before.max.ms, message.timestamp.after.max.ms), or within three minutes of that limit. 'none' gives results the time of writing: choose it if old records are scored and the output topic's retention would delete them or its limits refuse them. With either value, topics with message.timestamp.type=LogAppendTime have the broker's time. Dead letters have the time of writing, and the input record's timestamp in a header.");

  /** {@code output.max-record-size}. */
  public static final ConfigOption<MemorySize> OUTPUT_MAX_RECORD_SIZE =
      ConfigOptions.key("output.max-record-size")
          .memoryType()
          .noDefaultValue()
          .withDescription(
              "The largest record that the output topics accept. A larger result becomes a dead letter. A larger dead letter omits its value, its headers or its key, as few of them as necessary. The default is also the upper limit: the smallest of properties.max.request.size, properties.buffer.memory, the topics' max.message.bytes and segment.bytes, and the brokers' socket.request.max.bytes, which are read at submission. If records are compressed, it is a hundredth less, because some data grows when it is compressed. Set it if the job may not read these settings.");

  /** {@code delivery}. */
  public static final ConfigOption<Delivery> DELIVERY =
      ConfigOptions.key("delivery")
          .enumType(Delivery.class)
          .defaultValue(Delivery.EXACTLY_ONCE)
          .withDescription(
              "What a read_committed reader of the output sees after failures. exactly-once needs checkpoints, and results appear when a checkpoint completes. With at-least-once, results appear at once, and some appear twice after a restart; without checkpoints, it also commits no progress, and a restart reads again from where the job began.");

  /** {@code transaction.prefix}. */
  public static final ConfigOption<String> TRANSACTION_PREFIX =
      ConfigOptions.key("transaction.prefix")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The prefix of the job's transactional ids in Kafka. By default the job's name. Two jobs with the same prefix abort each other's transactions.");

  /** {@code transaction.longest-outage}. */
  public static final ConfigOption<Duration> LONGEST_OUTAGE =
      ConfigOptions.key("transaction.longest-outage")
          .durationType()
          .defaultValue(Duration.ofMinutes(10))
          .withDescription(
              "The longest time between a failure and the job running again. After this time plus a checkpoint interval, Kafka aborts transactions that were written but not yet committed, and their records are lost. The sum must not exceed the brokers' transaction.max.timeout.ms, 15 min by default.");

  /** {@code transaction.lost}. */
  public static final ConfigOption<LostTransaction> LOST_TRANSACTION =
      ConfigOptions.key("transaction.lost")
          .enumType(LostTransaction.class)
          .defaultValue(LostTransaction.FAIL)
          .withDescription(
              "What the job does about a transaction that Kafka has aborted or forgotten before it was committed. 'fail' ends the job without restarts, because its last checkpoint contains the same transaction. To score the records again, resume from an older checkpoint, or start without one and set from. 'continue' continues without these records, with an error in the log and in the metric transactionsLost: set it to resume from the same checkpoint, and then remove it.");

  /** {@code checkpoint.interval}. */
  public static final ConfigOption<Duration> CHECKPOINT_INTERVAL =
      ConfigOptions.key("checkpoint.interval")
          .durationType()
          .noDefaultValue()
          .withDescription(
              "The interval between checkpoints; with exactly-once, results appear at this interval. By default the cluster's execution.checkpointing.interval.");

  /** {@code distribution}. */
  public static final ConfigOption<Distribution> DISTRIBUTION =
      ConfigOptions.key("distribution")
          .enumType(Distribution.class)
          .defaultValue(Distribution.FORWARD)
          .withDescription(
              "How records get from the source to the model. 'forward' keeps the order within each partition and uses as many slots as the topic has partitions. 'rebalance' uses all slots and does not keep the order; combine it with buffer debloating or unaligned checkpoints, because otherwise checkpoints wait for all records in network buffers.");

  /** {@code parallelism}. */
  public static final ConfigOption<Integer> PARALLELISM =
      ConfigOptions.key("parallelism")
          .intType()
          .noDefaultValue()
          .withDescription(
              "The number of subtasks that score. By default the cluster's parallelism.default, or the value of flink run -p.");

  /** {@code skip}. */
  public static final ConfigOption<List<String>> SKIP =
      ConfigOptions.key("skip")
          .stringType()
          .asList()
          .defaultValues()
          .withDescription(
              "Records to send to the dead-letter topic without scoring them, as partition:offset, separated by semicolons. Use it when a record crashes or hangs the process every time.");

  private JobOptions() {}

  /**
   * Returns the flag of an option of the job or the operator: {@code --input-topic}, {@code
   * --model}.
   */
  @Internal
  public static String flag(ConfigOption<?> option) {
    String key = option.key();
    String name = key.startsWith(OPERATOR_PREFIX) ? key.substring(OPERATOR_PREFIX.length()) : key;
    return "--" + name.replace('.', '-');
  }

  /** Returns the options of Kafka's clients among all options, by the clients' own keys. */
  static Map<String, String> clientOptions(Map<String, String> options) {
    Map<String, String> client = new LinkedHashMap<>();
    for (String prefix : List.of(KAFKA_PREFIX, PROPERTIES_PREFIX)) {
      options.forEach(
          (key, value) -> {
            if (key.startsWith(prefix)) {
              client.put(key.substring(prefix.length()), value);
            }
          });
    }
    return client;
  }

  /** Returns whether a key belongs to an option of Kafka's clients. */
  static boolean isClientOption(String key) {
    return key.startsWith(PROPERTIES_PREFIX) || key.startsWith(KAFKA_PREFIX);
  }

  /**
   * Returns the value of an option that has no default.
   *
   * @throws InvalidOptionException if it is not set
   */
  static <T> T required(ReadableConfig config, ConfigOption<T> option) {
    T value = read(config, option);
    if (value == null) {
      throw missing(option);
    }
    return value;
  }

  static InvalidOptionException missing(ConfigOption<?> option) {
    return new InvalidOptionException(
        option, "missing", "Set it with %s or in the configuration file.".formatted(flag(option)));
  }

  /** All options, in the order in which they are documented. */
  public static List<ConfigOption<?>> all() {
    return List.of(
        BOOTSTRAP_SERVERS,
        INPUT_TOPIC,
        OUTPUT_TOPIC,
        DEAD_LETTER_TOPIC,
        INPUT_TEXT,
        INPUT_TEXT_PAIR,
        INPUT_DOCUMENTS,
        DOCUMENT_TEXT,
        ROUTE,
        CANARY_MODEL,
        CANARY_PERCENT,
        SHADOW_MODEL,
        SHADOW_SAMPLE,
        SHADOW_TOPIC,
        MODEL_UPDATE,
        MODEL_CONTROL_TOPIC,
        MODEL_POLL_INTERVAL,
        MODEL_PREPARE_TIMEOUT,
        MODEL_MISSING,
        INPUT_FRAMING,
        INPUT_TOMBSTONES,
        FROM,
        UNTIL,
        CONSUMER_GROUP,
        INPUT_OUT_OF_RANGE,
        OUTPUT_FIELD,
        OUTPUT_OVERWRITE,
        OUTPUT_LOGITS,
        RETURN_DOCUMENTS,
        OUTPUT_TIMESTAMP,
        OUTPUT_MAX_RECORD_SIZE,
        DELIVERY,
        CHECKPOINT_INTERVAL,
        TRANSACTION_PREFIX,
        LONGEST_OUTAGE,
        LOST_TRANSACTION,
        DISTRIBUTION,
        PARALLELISM,
        SKIP,
        JOB_NAME);
  }

  /** Values of {@link #INPUT_OUT_OF_RANGE}. */
  public enum OutOfRange {
    /** The job ends and does not restart. */
    FAIL,
    /** The job continues with the first record that is left. */
    EARLIEST;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Values of {@link #MODEL_UPDATE}. */
  public enum ModelUpdate {
    /** Nothing changes the models. */
    NEVER,
    /** The models are looked at. */
    POLL,
    /** Messages in a topic change the models. */
    TOPIC;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Values of {@link #MODEL_MISSING}. */
  public enum MissingModel {
    /** The job ends and does not restart. */
    FAIL,
    /** The revision in use scores the record. */
    ACTIVE;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Values of {@link #DELIVERY}. */
  public enum Delivery {
    /** Each result is visible once, when a checkpoint completes. */
    EXACTLY_ONCE,
    /** Each result is visible at once, and some are repeated after a restart. */
    AT_LEAST_ONCE;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Values of {@link #INPUT_TOMBSTONES}. */
  public enum InputTombstones {
    /** The record becomes a dead letter. */
    DEAD_LETTER,
    /** The record is written to the output topic unchanged. */
    FORWARD,
    /** The record is omitted. */
    DROP;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Values of {@link #OUTPUT_TIMESTAMP}. */
  public enum OutputTimestamp {
    /** The timestamp of the input record. */
    RECORD,
    /** The time of writing. */
    NONE;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Values of {@link #LOST_TRANSACTION}. */
  public enum LostTransaction {
    /** The job ends and does not restart. */
    FAIL,
    /** The job continues without the records. */
    CONTINUE;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Values of {@link #DISTRIBUTION}. */
  public enum Distribution {
    /** The order within each partition is kept. */
    FORWARD,
    /** All slots receive records; the order is not kept. */
    REBALANCE;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
