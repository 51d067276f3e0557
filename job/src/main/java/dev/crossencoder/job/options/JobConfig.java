package dev.crossencoder.job.options;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;

import com.fasterxml.jackson.core.JsonPointer;
import dev.crossencoder.job.CrossEncoderJob;
import dev.crossencoder.job.options.JobOptions.Delivery;
import dev.crossencoder.job.options.JobOptions.Distribution;
import dev.crossencoder.job.options.JobOptions.InputTombstones;
import dev.crossencoder.job.options.JobOptions.LostTransaction;
import dev.crossencoder.job.options.JobOptions.OutOfRange;
import dev.crossencoder.job.options.JobOptions.OutputTimestamp;
import dev.crossencoder.job.record.InputFraming;
import dev.crossencoder.job.record.PairFields;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.InvalidOptionException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;

/** The options of {@link CrossEncoderJob}, read once and checked. */
@PublicEvolving
public record JobConfig(
    String jobName,
    String inputTopic,
    String outputTopic,
    String deadLetterTopic,
    String consumerGroup,
    String from,
    String until,
    OutOfRange outOfRange,
    List<PairFields> fields,
    InputFraming framing,
    InputTombstones tombstones,
    String outputField,
    boolean overwrite,
    boolean logits,
    OutputTimestamp outputTimestamp,
    OptionalInt maxRecordBytes,
    Delivery delivery,
    String transactionPrefix,
    Duration longestOutage,
    LostTransaction lostTransaction,
    Optional<Duration> checkpointInterval,
    Distribution distribution,
    OptionalInt parallelism,
    Set<SkippedRecord> skip,
    Map<String, String> kafka,
    Configuration operator) {
  /** What the names of options that are Kafka's own start with. */
  public static final String KAFKA_PREFIX = "kafka.";

  private static final String BOOTSTRAP_SERVERS = "bootstrap.servers";

  /** Kafka's options that follow from options of the job. */
  private static final Map<String, String> OWN_OPTIONS =
      Map.of(
          "auto.offset.reset",
              "%s and %s"
                  .formatted(
                      JobArguments.flag(JobOptions.FROM.key()),
                      JobArguments.flag(JobOptions.INPUT_OUT_OF_RANGE.key())),
          "group.id", JobArguments.flag(JobOptions.CONSUMER_GROUP.key()),
          "transactional.id", JobArguments.flag(JobOptions.TRANSACTION_PREFIX.key()),
          "transaction.timeout.ms", JobArguments.flag(JobOptions.LONGEST_OUTAGE.key()));

  /** Kafka takes the sum of two as a number of milliseconds in 32 bits. */
  private static final Duration LONGEST_TIME = Duration.ofDays(10);

  private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,249}");
  private static final Set<String> NAMED_TIMES_FROM = Set.of("committed", "earliest", "latest");
  private static final Set<String> NAMED_TIMES_UNTIL = Set.of("never", "latest", "committed");

  public JobConfig {
    fields = List.copyOf(fields);
    skip = Set.copyOf(skip);
    kafka = Map.copyOf(kafka);
    checkTopic(JobOptions.INPUT_TOPIC, inputTopic);
    checkTopic(JobOptions.OUTPUT_TOPIC, outputTopic);
    checkTopic(JobOptions.DEAD_LETTER_TOPIC, deadLetterTopic);
    if (outputTopic.equals(inputTopic)) {
      throw new InvalidOptionException(
          JobOptions.OUTPUT_TOPIC,
          outputTopic,
          "It must not be the input topic: the job would read its own results.");
    }
    if (deadLetterTopic.equals(inputTopic) || deadLetterTopic.equals(outputTopic)) {
      throw new InvalidOptionException(
          JobOptions.DEAD_LETTER_TOPIC,
          deadLetterTopic,
          "It must be neither the input topic nor the output topic.");
    }
    checkTime(JobOptions.FROM, from, NAMED_TIMES_FROM);
    checkTime(JobOptions.UNTIL, until, NAMED_TIMES_UNTIL);
    if (outputField.isEmpty()) {
      throw new InvalidOptionException(
          JobOptions.OUTPUT_FIELD, "(empty)", "It must be the name of a JSON member.");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(outputField)) {
      throw new InvalidOptionException(
          JobOptions.OUTPUT_FIELD,
          outputField,
          "It has half a character, a surrogate without its partner.");
    }
    for (PairFields pair : fields) {
      Optional<String> pointer = pair.pointerInto(outputField);
      if (pointer.isPresent()) {
        throw new InvalidOptionException(
            JobOptions.OUTPUT_FIELD,
            outputField,
            "The pointer %s of a text leads into it, but the job writes its result there. Choose another name, or set %s and %s to other members."
                .formatted(
                    pointer.get(), JobOptions.INPUT_TEXT.key(), JobOptions.INPUT_TEXT_PAIR.key()));
      }
    }
    if (longestOutage.isNegative() || longestOutage.compareTo(LONGEST_TIME) > 0) {
      throw new InvalidOptionException(
          JobOptions.LONGEST_OUTAGE, longestOutage, "It must be from 0 to 10 d.");
    }
    if (checkpointInterval.isPresent()
        && (checkpointInterval.get().compareTo(Duration.ofMillis(10)) < 0
            || checkpointInterval.get().compareTo(LONGEST_TIME) > 0)) {
      throw new InvalidOptionException(
          JobOptions.CHECKPOINT_INTERVAL,
          checkpointInterval.get(),
          "It must be from 10 ms to 10 d.");
    }
    if (parallelism.isPresent() && parallelism.getAsInt() <= 0) {
      throw new InvalidOptionException(
          JobOptions.PARALLELISM, parallelism.getAsInt(), "It must be positive.");
    }
    if (!kafka.containsKey(BOOTSTRAP_SERVERS)) {
      throw missing(JobOptions.BOOTSTRAP_SERVERS);
    }
    for (Map.Entry<String, String> own : OWN_OPTIONS.entrySet()) {
      if (kafka.containsKey(own.getKey())) {
        throw new IllegalArgumentException(
            "Invalid %s%s: %s. The job sets it itself: use %s."
                .formatted(KAFKA_PREFIX, own.getKey(), KafkaSecrets.HIDDEN, own.getValue()));
      }
    }
    CrossEncoderFunctionOptions.validate(operator);
  }

  /**
   * A record that is not looked at.
   *
   * @param partition of the input topic
   * @param offset in that partition
   */
  public record SkippedRecord(int partition, long offset) implements Serializable {}

  /**
   * Reads the options of the job, of the operator, and those that start with {@code kafka.}.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  public static JobConfig from(Configuration config) {
    String jobName = read(config, JobOptions.JOB_NAME);
    String outputTopic = required(config, JobOptions.OUTPUT_TOPIC);
    return new JobConfig(
        jobName,
        required(config, JobOptions.INPUT_TOPIC),
        outputTopic,
        optional(config, JobOptions.DEAD_LETTER_TOPIC).orElse(outputTopic + "-dead-letters"),
        optional(config, JobOptions.CONSUMER_GROUP).orElse(jobName),
        read(config, JobOptions.FROM),
        read(config, JobOptions.UNTIL),
        read(config, JobOptions.INPUT_OUT_OF_RANGE),
        fields(config),
        read(config, JobOptions.INPUT_FRAMING),
        read(config, JobOptions.INPUT_TOMBSTONES),
        read(config, JobOptions.OUTPUT_FIELD),
        read(config, JobOptions.OUTPUT_OVERWRITE),
        read(config, JobOptions.OUTPUT_LOGITS),
        read(config, JobOptions.OUTPUT_TIMESTAMP),
        maxRecordBytes(config),
        read(config, JobOptions.DELIVERY),
        optional(config, JobOptions.TRANSACTION_PREFIX).orElse(jobName),
        read(config, JobOptions.LONGEST_OUTAGE),
        read(config, JobOptions.LOST_TRANSACTION),
        optional(config, JobOptions.CHECKPOINT_INTERVAL),
        read(config, JobOptions.DISTRIBUTION),
        optional(config, JobOptions.PARALLELISM).map(OptionalInt::of).orElse(OptionalInt.empty()),
        skip(config),
        kafka(config),
        operator(config));
  }

  /** Kafka's own options, as a client takes them. */
  @Internal
  public Properties kafkaProperties() {
    Properties properties = new Properties();
    properties.putAll(kafka);
    return properties;
  }

  /** What may be shown to everybody: Kafka's own options, which may hold secrets, are left out. */
  @Internal
  public Map<String, String> publicOptions() {
    Map<String, String> options = new TreeMap<>(operator.toMap());
    options.put(JobOptions.INPUT_TOPIC.key(), inputTopic);
    options.put(JobOptions.OUTPUT_TOPIC.key(), outputTopic);
    options.put(JobOptions.DEAD_LETTER_TOPIC.key(), deadLetterTopic);
    options.put(JobOptions.CONSUMER_GROUP.key(), consumerGroup);
    options.put(JobOptions.FROM.key(), from);
    options.put(JobOptions.UNTIL.key(), until);
    options.put(JobOptions.INPUT_OUT_OF_RANGE.key(), outOfRange.toString());
    options.put(JobOptions.DELIVERY.key(), delivery.toString());
    options.put(JobOptions.DISTRIBUTION.key(), distribution.toString());
    options.put(JobOptions.TRANSACTION_PREFIX.key(), transactionPrefix);
    options.put(JobOptions.LOST_TRANSACTION.key(), lostTransaction.toString());
    return options;
  }

  /** Without Kafka's own options, which may hold secrets. */
  @Override
  public String toString() {
    return "JobConfig" + publicOptions();
  }

  private static List<PairFields> fields(Configuration config) {
    Optional<String> text = optional(config, JobOptions.INPUT_TEXT);
    Optional<String> textPair = optional(config, JobOptions.INPUT_TEXT_PAIR);
    if (text.isEmpty() && textPair.isEmpty()) {
      return PairFields.DEFAULTS;
    }
    checkPointer(JobOptions.INPUT_TEXT, text);
    checkPointer(JobOptions.INPUT_TEXT_PAIR, textPair);
    return List.of(new PairFields(text.orElseThrow(), textPair.orElseThrow()));
  }

  private static void checkPointer(ConfigOption<String> option, Optional<String> pointer) {
    if (pointer.isEmpty()) {
      throw new InvalidOptionException(
          option,
          "missing",
          "Set both %s and %s, or neither."
              .formatted(JobOptions.INPUT_TEXT.key(), JobOptions.INPUT_TEXT_PAIR.key()));
    }
    try {
      if (!JsonPointer.compile(pointer.get()).matches()) {
        return;
      }
    } catch (IllegalArgumentException e) {
      throw new InvalidOptionException(
          option, pointer.get() + ". It must be a JSON Pointer such as /query.", e);
    }
    throw new InvalidOptionException(
        option,
        "(empty)",
        "It must name a member, such as /query; the empty pointer is the whole record.");
  }

  private static OptionalInt maxRecordBytes(Configuration config) {
    Optional<MemorySize> size = optional(config, JobOptions.OUTPUT_MAX_RECORD_SIZE);
    if (size.isEmpty()) {
      return OptionalInt.empty();
    }
    long bytes = size.get().getBytes();
    if (bytes < 1024 || bytes > Integer.MAX_VALUE) {
      throw new InvalidOptionException(
          JobOptions.OUTPUT_MAX_RECORD_SIZE, size.get(), "It must be from 1 kb to 2 gb.");
    }
    return OptionalInt.of((int) bytes);
  }

  private static Set<SkippedRecord> skip(Configuration config) {
    Set<SkippedRecord> skip = new HashSet<>();
    for (String position : read(config, JobOptions.SKIP)) {
      String[] parts = position.split(":", -1);
      try {
        if (parts.length != 2) {
          throw new NumberFormatException("no partition:offset");
        }
        SkippedRecord record =
            new SkippedRecord(Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
        if (record.partition() < 0 || record.offset() < 0) {
          throw new NumberFormatException("negative");
        }
        skip.add(record);
      } catch (NumberFormatException e) {
        throw new InvalidOptionException(
            JobOptions.SKIP, position + ". It must be partition:offset, such as 0:4711.", e);
      }
    }
    return skip;
  }

  private static Map<String, String> kafka(Configuration config) {
    Map<String, String> kafka = new TreeMap<>();
    config
        .toMap()
        .forEach(
            (key, value) -> {
              if (key.startsWith(KAFKA_PREFIX)) {
                kafka.put(key.substring(KAFKA_PREFIX.length()), value);
              }
            });
    optional(config, JobOptions.BOOTSTRAP_SERVERS)
        .ifPresent(servers -> kafka.put(BOOTSTRAP_SERVERS, servers));
    KafkaSecrets.addConfigProviders(kafka);
    return kafka;
  }

  private static Configuration operator(Configuration config) {
    Configuration operator = new Configuration();
    Map<String, String> values = config.toMap();
    for (ConfigOption<?> option : CrossEncoderFunctionOptions.all()) {
      String value = values.get(option.key());
      if (value != null) {
        operator.setString(option.key(), value);
      }
    }
    return operator;
  }

  private static void checkTopic(ConfigOption<String> option, String topic) {
    if (!TOPIC.matcher(topic).matches()) {
      throw new InvalidOptionException(
          option, topic, "A topic's name has letters, digits, '.', '_' and '-', at most 249.");
    }
  }

  private static void checkTime(ConfigOption<String> option, String value, Set<String> names) {
    if (names.contains(value)) {
      return;
    }
    try {
      if (Instant.parse(value).toEpochMilli() < 0) {
        throw new DateTimeException("before 1970, which Kafka does not take");
      }
    } catch (DateTimeException | ArithmeticException e) {
      throw new InvalidOptionException(
          option,
          value
              + ". It must be one of %s, or a time since 1970 such as 2026-01-31T00:00:00Z."
                  .formatted(String.join(", ", new TreeSet<>(names))),
          e);
    }
  }

  private static <T> T required(Configuration config, ConfigOption<T> option) {
    return optional(config, option).orElseThrow(() -> missing(option));
  }

  private static InvalidOptionException missing(ConfigOption<?> option) {
    return new InvalidOptionException(
        option,
        "missing",
        "Set it with %s or in the configuration file.".formatted(JobArguments.flag(option.key())));
  }

  private static <T> Optional<T> optional(Configuration config, ConfigOption<T> option) {
    return Optional.ofNullable(read(config, option));
  }
}
