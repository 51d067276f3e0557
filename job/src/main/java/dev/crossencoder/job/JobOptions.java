package dev.crossencoder.job;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.MemorySize;

/** The options of {@link CrossEncoderJob} beside those of the operator and Kafka's own. */
public final class JobOptions {
  /** {@code job.name}. */
  public static final ConfigOption<String> JOB_NAME =
      ConfigOptions.key("job.name")
          .stringType()
          .defaultValue("cross-encoder")
          .withDescription(
              "The job's name, and the default of the consumer group and of the transactions' prefix. Two jobs on one Kafka cluster need two names.");

  /** {@code bootstrap-servers}. */
  public static final ConfigOption<String> BOOTSTRAP_SERVERS =
      ConfigOptions.key("bootstrap-servers")
          .stringType()
          .noDefaultValue()
          .withDescription("Kafka brokers to start from, host:port, separated by commas.");

  /** {@code input.topic}. */
  public static final ConfigOption<String> INPUT_TOPIC =
      ConfigOptions.key("input.topic")
          .stringType()
          .noDefaultValue()
          .withDescription("The topic with the records to score, each a JSON object.");

  /** {@code output.topic}. */
  public static final ConfigOption<String> OUTPUT_TOPIC =
      ConfigOptions.key("output.topic")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The topic for scored records. With as many partitions as the input topic, a record stays in its partition.");

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
              "The consumer group to which progress is committed, for monitoring and for a first start; restarts use the checkpoint. By default the job's name.");

  /** {@code input.framing}. */
  public static final ConfigOption<InputFraming> INPUT_FRAMING =
      ConfigOptions.key("input.framing")
          .enumType(InputFraming.class)
          .defaultValue(InputFraming.NONE)
          .withDescription(
              "What is before the JSON of a record's value. 'none' is nothing; 'confluent' a zero byte and four bytes of a schema's id, as serialisers of Confluent's registry write for JSON Schema, and Apicurio's by default since 3.0; 'apicurio' a zero byte and eight bytes, as older ones of Apicurio's do. Results have the same frame; their schema must allow the added member. A record with another frame is a dead letter that names the value to set.");

  /** {@code input.tombstones}. */
  public static final ConfigOption<InputTombstones> INPUT_TOMBSTONES =
      ConfigOptions.key("input.tombstones")
          .enumType(InputTombstones.class)
          .defaultValue(InputTombstones.DEAD_LETTER)
          .withDescription(
              "What becomes of a record whose value is null. 'dead-letter' takes it for a mistake; 'forward' writes key, headers and null to the output topic, in order with the results: choose it where input and output are compacted, since nothing else deletes a result there; 'drop' leaves it out. The metric tombstones counts those that are forwarded or dropped.");

  /** {@code from}. */
  public static final ConfigOption<String> FROM =
      ConfigOptions.key("from")
          .stringType()
          .defaultValue("committed")
          .withDescription(
              "Where to start without a checkpoint or savepoint: 'committed' (the group's offsets, else the earliest), 'earliest', 'latest', or a time such as 2026-01-31T00:00:00Z.");

  /** {@code until}. */
  public static final ConfigOption<String> UNTIL =
      ConfigOptions.key("until")
          .stringType()
          .defaultValue("never")
          .withDescription(
              "Where to stop: 'never', 'latest' (what is in the topic when the job is submitted; the job then ends by itself), 'committed' (the group's offsets), or a time such as 2026-01-31T00:00:00Z (records before the first one of that time or later). It holds also for a job that is resumed.");

  /** {@code input.text}. */
  public static final ConfigOption<String> INPUT_TEXT =
      ConfigOptions.key("input.text")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "JSON Pointer of the first text, such as /query or /doc/title. By default /query, and /premise where there is no /query.");

  /** {@code input.text-pair}. */
  public static final ConfigOption<String> INPUT_TEXT_PAIR =
      ConfigOptions.key("input.text-pair")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "JSON Pointer of the second text. By default /passage, and /hypothesis where there is no /passage. Set both or neither.");

  /** {@code input.out-of-range}. */
  public static final ConfigOption<OutOfRange> INPUT_OUT_OF_RANGE =
      ConfigOptions.key("input.out-of-range")
          .enumType(OutOfRange.class)
          .defaultValue(OutOfRange.FAIL)
          .withDescription(
              "What the job does when Kafka has deleted records that it had yet to read, because it was stopped or slower than the topic's retention. 'fail' ends it without restarts, since they are lost. 'earliest' goes on with the first record that is left, with an error in the log and in the metric offsetsSkipped: set it where that is acceptable. A position beyond the topic's end always ends the job: the topic was made anew.");

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
              "Whether a member of that name in the input is replaced. Otherwise such a record is a dead letter, because it was probably scored before.");

  /** {@code output.logits}. */
  public static final ConfigOption<Boolean> OUTPUT_LOGITS =
      ConfigOptions.key("output.logits")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Whether to add the logits, for calibration or for comparing with other implementations.");

  /** {@code output.timestamp}. */
  public static final ConfigOption<OutputTimestamp> OUTPUT_TIMESTAMP =
      ConfigOptions.key("output.timestamp")
          .enumType(OutputTimestamp.class)
          .defaultValue(OutputTimestamp.RECORD)
          .withDescription(
              "The timestamp of a result. 'record' keeps the input record's; one that is further from the clock than the output topic allows (message.timestamp.before.max.ms, message.timestamp.after.max.ms) is a dead letter, and so is one within three minutes of that limit. 'none' gives results the time of their writing: choose it where old records are scored and the output topic's retention would delete them, or its limits refuse them. Topics with message.timestamp.type=LogAppendTime have the broker's time either way. Dead letters have the time of their writing, and the input record's in a header.");

  /** {@code output.max-record-size}. */
  public static final ConfigOption<MemorySize> OUTPUT_MAX_RECORD_SIZE =
      ConfigOptions.key("output.max-record-size")
          .memoryType()
          .noDefaultValue()
          .withDescription(
              "The largest record that the output topics take; a larger result is a dead letter, and a larger dead letter leaves out its value, its headers or its key, as little as makes it fit. By default, and at most, the smallest of kafka.max.request.size, kafka.buffer.memory, the topics' max.message.bytes and segment.bytes, and the brokers' socket.request.max.bytes, which are looked up at submission; where records are compressed, a hundredth less, since some bytes grow when they are compressed. Set it where that look-up is not allowed.");

  /** {@code delivery}. */
  public static final ConfigOption<Delivery> DELIVERY =
      ConfigOptions.key("delivery")
          .enumType(Delivery.class)
          .defaultValue(Delivery.EXACTLY_ONCE)
          .withDescription(
              "What a read_committed reader of the output sees after failures. exactly-once needs checkpoints, and results appear when one completes; at-least-once shows them at once, and some twice after a restart; without checkpoints it also commits no progress, and a restart reads again from where the job began.");

  /** {@code transaction.prefix}. */
  public static final ConfigOption<String> TRANSACTION_PREFIX =
      ConfigOptions.key("transaction.prefix")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "What the ids of the job's Kafka transactions start with. By default the job's name. Two jobs with one prefix abort each other's transactions.");

  /** {@code transaction.longest-outage}. */
  public static final ConfigOption<Duration> LONGEST_OUTAGE =
      ConfigOptions.key("transaction.longest-outage")
          .durationType()
          .defaultValue(Duration.ofMinutes(10))
          .withDescription(
              "The longest time between a failure and the job running again. Kafka aborts what was written but not yet committed after this time and a checkpoint interval, which would lose it; the sum must not exceed the brokers' transaction.max.timeout.ms, 15 min by default.");

  /** {@code transaction.lost}. */
  public static final ConfigOption<LostTransaction> LOST_TRANSACTION =
      ConfigOptions.key("transaction.lost")
          .enumType(LostTransaction.class)
          .defaultValue(LostTransaction.FAIL)
          .withDescription(
              "What the job does about a transaction that Kafka has aborted or forgotten before it was committed. 'fail' ends the job without restarts, because its last checkpoint has the same transaction: resume from an older one, or start without one and set from, to score the records again. 'continue' goes on without them, with an error in the log and in the metric transactionsLost: set it to resume from the same checkpoint, and then take it away.");

  /** {@code checkpoint.interval}. */
  public static final ConfigOption<Duration> CHECKPOINT_INTERVAL =
      ConfigOptions.key("checkpoint.interval")
          .durationType()
          .noDefaultValue()
          .withDescription(
              "How often to checkpoint; with exactly-once also how often results appear. By default the cluster's execution.checkpointing.interval.");

  /** {@code distribution}. */
  public static final ConfigOption<Distribution> DISTRIBUTION =
      ConfigOptions.key("distribution")
          .enumType(Distribution.class)
          .defaultValue(Distribution.FORWARD)
          .withDescription(
              "How records get from the source to the model. 'forward' keeps the order within each partition, and uses as many slots as the topic has partitions; 'rebalance' feeds all slots and gives up the order; have buffer debloating or unaligned checkpoints with it, or checkpoints wait behind all that is in network buffers.");

  /** {@code parallelism}. */
  public static final ConfigOption<Integer> PARALLELISM =
      ConfigOptions.key("parallelism")
          .intType()
          .noDefaultValue()
          .withDescription(
              "How many subtasks score. By default the cluster's parallelism.default, or what flink run -p says.");

  /** {@code skip}. */
  public static final ConfigOption<List<String>> SKIP =
      ConfigOptions.key("skip")
          .stringType()
          .asList()
          .defaultValues()
          .withDescription(
              "Records to put on the dead-letter topic unseen, as partition:offset, separated by semicolons: the way out when one record crashes or hangs the process every time.");

  private JobOptions() {}

  /** All options, in the order in which they are documented. */
  public static List<ConfigOption<?>> all() {
    return List.of(
        BOOTSTRAP_SERVERS,
        INPUT_TOPIC,
        OUTPUT_TOPIC,
        DEAD_LETTER_TOPIC,
        INPUT_TEXT,
        INPUT_TEXT_PAIR,
        INPUT_FRAMING,
        INPUT_TOMBSTONES,
        FROM,
        UNTIL,
        CONSUMER_GROUP,
        INPUT_OUT_OF_RANGE,
        OUTPUT_FIELD,
        OUTPUT_OVERWRITE,
        OUTPUT_LOGITS,
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
    /** The job goes on with the first record that is left. */
    EARLIEST;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Values of {@link #DELIVERY}. */
  public enum Delivery {
    /** Each result once, when a checkpoint completes. */
    EXACTLY_ONCE,
    /** Each result at once, and some again after a restart. */
    AT_LEAST_ONCE;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Values of {@link #INPUT_FRAMING}. */
  public enum InputFraming {
    /** JSON from the first byte. */
    NONE(0),
    /** A zero byte and an id of four bytes. */
    CONFLUENT(5),
    /** A zero byte and an id of eight bytes. */
    APICURIO(9);

    private final int bytes;

    InputFraming(int bytes) {
      this.bytes = bytes;
    }

    /** How many bytes are before the JSON. */
    int bytes() {
      return bytes;
    }

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Values of {@link #INPUT_TOMBSTONES}. */
  public enum InputTombstones {
    /** A dead letter. */
    DEAD_LETTER,
    /** The same to the output topic. */
    FORWARD,
    /** Nothing. */
    DROP;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Values of {@link #OUTPUT_TIMESTAMP}. */
  public enum OutputTimestamp {
    /** The input record's. */
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
    /** The job goes on without the records. */
    CONTINUE;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Values of {@link #DISTRIBUTION}. */
  public enum Distribution {
    /** Order within a partition is kept. */
    FORWARD,
    /** All slots are fed. */
    REBALANCE;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
