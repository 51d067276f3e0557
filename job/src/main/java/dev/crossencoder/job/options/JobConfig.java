package dev.crossencoder.job.options;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;

import com.fasterxml.jackson.core.JsonPointer;
import dev.crossencoder.job.options.JobOptions.Distribution;
import dev.crossencoder.job.options.JobOptions.ModelUpdate;
import dev.crossencoder.job.record.ClassifyFields;
import dev.crossencoder.job.record.PairFields;
import dev.crossencoder.operator.CrossEncoderFunction;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.InvalidOptionException;
import dev.crossencoder.operator.LabelThresholds;
import dev.crossencoder.operator.ModelOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The options of the job, read once and checked.
 *
 * @param jobName the job's name
 * @param input the options of the input
 * @param output the options of the output
 * @param delivery the delivery guarantee and the options of transactions
 * @param distribution how records get from the source to the model
 * @param parallelism the number of subtasks that score; null for the cluster's default
 * @param updates what changes the models while the job runs
 * @param shadow a second model to compare; null if there is none
 * @param kafka the options of Kafka's clients, which may contain references to secrets
 * @param operator the options of the operator that scores
 */
@PublicEvolving
public record JobConfig(
    String jobName,
    InputConfig input,
    OutputConfig output,
    DeliveryConfig delivery,
    Distribution distribution,
    Integer parallelism,
    UpdateConfig updates,
    ShadowConfig shadow,
    Map<String, String> kafka,
    Configuration operator) {
  private static final String BOOTSTRAP_SERVERS = "bootstrap.servers";

  /** Options of Kafka's clients that the job sets from its own options. */
  private static final Map<String, String> OWN_OPTIONS =
      Map.of(
          "auto.offset.reset",
              "%s and %s"
                  .formatted(
                      JobOptions.flag(JobOptions.FROM),
                      JobOptions.flag(JobOptions.INPUT_OUT_OF_RANGE)),
          "group.id", JobOptions.flag(JobOptions.CONSUMER_GROUP),
          "transactional.id", JobOptions.flag(JobOptions.TRANSACTION_PREFIX),
          "transaction.timeout.ms", JobOptions.flag(JobOptions.LONGEST_OUTAGE));

  public JobConfig {
    kafka = Map.copyOf(kafka);
    checkTopics(input, output);
    checkField(input, output);
    checkModels(input, output, operator);
    checkUpdates(input, output, updates, operator);
    if (parallelism != null && parallelism <= 0) {
      throw new InvalidOptionException(JobOptions.PARALLELISM, parallelism, "It must be positive.");
    }
    if (!kafka.containsKey(BOOTSTRAP_SERVERS)) {
      throw JobOptions.missing(JobOptions.BOOTSTRAP_SERVERS);
    }
    for (Map.Entry<String, String> own : OWN_OPTIONS.entrySet()) {
      if (kafka.containsKey(own.getKey())) {
        throw new IllegalArgumentException(
            "Invalid %s%s: %s. The job sets it itself: use %s."
                .formatted(
                    JobOptions.PROPERTIES_PREFIX,
                    own.getKey(),
                    KafkaSecrets.HIDDEN,
                    own.getValue()));
      }
    }
    CrossEncoderFunction.validate(operator);
    if (shadow != null) {
      checkShadow(input, output, updates, shadow);
      CrossEncoderFunction.validate(shadow.operator(operator));
    }
  }

  /**
   * Reads the options of the job and of the operator, and the options of Kafka's clients, whose
   * keys start with {@code properties.} or {@code kafka.}.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  public static JobConfig from(Configuration config) {
    String jobName = read(config, JobOptions.JOB_NAME);
    return new JobConfig(
        jobName,
        InputConfig.from(config, jobName),
        OutputConfig.from(config),
        DeliveryConfig.from(config, jobName),
        read(config, JobOptions.DISTRIBUTION),
        read(config, JobOptions.PARALLELISM),
        UpdateConfig.from(config),
        ShadowConfig.from(config),
        kafka(config),
        operator(config));
  }

  /** The options of Kafka's clients, by the clients' own keys. */
  @Internal
  public Properties kafkaProperties() {
    Properties properties = new Properties();
    properties.putAll(kafka);
    return properties;
  }

  /**
   * The options that may be shown: those of Kafka's clients are omitted, they may contain secrets.
   */
  @Internal
  public Map<String, String> publicOptions() {
    Map<String, String> options = new TreeMap<>(operator.toMap());
    options.put(JobOptions.INPUT_TOPIC.key(), input.topic());
    options.put(JobOptions.OUTPUT_TOPIC.key(), output.topic());
    options.put(JobOptions.DEAD_LETTER_TOPIC.key(), output.deadLetterTopic());
    options.put(JobOptions.CONSUMER_GROUP.key(), input.consumerGroup());
    options.put(JobOptions.FROM.key(), input.from().toString());
    options.put(JobOptions.UNTIL.key(), input.until().toString());
    options.put(JobOptions.INPUT_OUT_OF_RANGE.key(), input.outOfRange().toString());
    if (input.route() != null) {
      options.put(JobOptions.ROUTE.key(), input.route());
    }
    if (input.canary() != null) {
      options.put(JobOptions.CANARY_MODEL.key(), input.canary().model());
      options.put(JobOptions.CANARY_PERCENT.key(), String.valueOf(input.canary().percent()));
    }
    if (shadow != null) {
      options.put(JobOptions.SHADOW_MODEL.key(), shadow.model());
      options.put(JobOptions.SHADOW_SAMPLE.key(), String.valueOf(shadow.sample()));
    }
    options.put(JobOptions.MODEL_UPDATE.key(), updates.update().toString());
    if (updates.controlTopic() != null) {
      options.put(JobOptions.MODEL_CONTROL_TOPIC.key(), updates.controlTopic());
    }
    options.put(JobOptions.DELIVERY.key(), delivery.guarantee().toString());
    options.put(JobOptions.DISTRIBUTION.key(), distribution.toString());
    options.put(JobOptions.TRANSACTION_PREFIX.key(), delivery.transactionPrefix());
    options.put(JobOptions.LOST_TRANSACTION.key(), delivery.lostTransaction().toString());
    return options;
  }

  /** Omits the options of Kafka's clients, which may contain secrets. */
  @Override
  public String toString() {
    return "JobConfig" + publicOptions();
  }

  private static void checkTopics(InputConfig input, OutputConfig output) {
    if (output.topic().equals(input.topic())) {
      throw new InvalidOptionException(
          JobOptions.OUTPUT_TOPIC,
          output.topic(),
          "It must not be the input topic: the job would read its own results.");
    }
    if (output.deadLetterTopic().equals(input.topic())
        || output.deadLetterTopic().equals(output.topic())) {
      throw new InvalidOptionException(
          JobOptions.DEAD_LETTER_TOPIC,
          output.deadLetterTopic(),
          "It must be neither the input topic nor the output topic.");
    }
  }

  private static void checkShadow(
      InputConfig input, OutputConfig output, UpdateConfig updates, ShadowConfig shadow) {
    if (Arrays.asList(
                input.topic(), output.topic(), output.deadLetterTopic(), updates.controlTopic())
            .contains(shadow.topic())
        && shadow.topic() != null) {
      throw new InvalidOptionException(
          JobOptions.SHADOW_TOPIC,
          shadow.topic(),
          "It must be a topic of its own, not one that the job reads or writes already.");
    }
  }

  private static void checkUpdates(
      InputConfig input, OutputConfig output, UpdateConfig updates, Configuration operator) {
    if (!updates.isLive()) {
      return;
    }
    if (input.until() != StoppingPosition.Named.NEVER) {
      throw new InvalidOptionException(
          JobOptions.MODEL_UPDATE,
          updates.update(),
          "It is for jobs that do not end by themselves: leave it or %s out."
              .formatted(JobOptions.flag(JobOptions.UNTIL)));
    }
    if (List.of(input.topic(), output.topic(), output.deadLetterTopic())
        .contains(String.valueOf(updates.controlTopic()))) {
      throw new InvalidOptionException(
          JobOptions.MODEL_CONTROL_TOPIC,
          updates.controlTopic(),
          "It must be a topic of its own, not the one of records, results or dead letters.");
    }
    if (updates.update() == ModelUpdate.POLL) {
      ModelOptions.split(operator)
          .values()
          .forEach(
              model -> {
                String digest = read(model, CrossEncoderFunctionOptions.MODEL_DIGEST);
                if (digest != null) {
                  throw new InvalidOptionException(
                      CrossEncoderFunctionOptions.MODEL_DIGEST,
                      digest,
                      "With %s poll, another digest is what the job waits for: leave one of the two out."
                          .formatted(JobOptions.flag(JobOptions.MODEL_UPDATE)));
                }
              });
    }
  }

  private static void checkModels(InputConfig input, OutputConfig output, Configuration operator) {
    SortedMap<String, ReadableConfig> models = ModelOptions.split(operator);
    boolean routed = !models.containsKey(ModelOptions.UNNAMED);
    if (routed && !input.isRouted()) {
      throw new InvalidOptionException(
          JobOptions.ROUTE,
          "missing",
          "There are several models, %s: set the place in a record of the name of its model, such as %s /model, or %s."
              .formatted(
                  String.join(", ", models.keySet()),
                  JobOptions.flag(JobOptions.ROUTE),
                  JobOptions.CANARY_MODEL.key()));
    }
    if (!routed && input.route() != null) {
      throw needsModels(JobOptions.ROUTE, input.route());
    }
    if (!routed && input.canary() != null) {
      throw needsModels(JobOptions.CANARY_MODEL, input.canary().model());
    }
    if (input.canary() != null) {
      checkCanary(
          input.canary().model(),
          models.keySet(),
          read(operator, CrossEncoderFunctionOptions.ROUTE_DEFAULT));
    }
    List<String> labels = read(operator, CrossEncoderFunctionOptions.CLASSIFY_LABELS);
    var unused =
        ModelOptions.map(
            models,
            (name, each) -> {
              checkDocuments(input, output, each);
              checkClassify(input, output, each);
              checkLabels(labels, read(each, CrossEncoderFunctionOptions.CLASSIFY_LABELS));
              return name;
            });
  }

  private static InvalidOptionException needsModels(ConfigOption<?> option, Object value) {
    return new InvalidOptionException(
        option,
        value,
        "It needs %s, the names of the models."
            .formatted(CrossEncoderFunctionOptions.MODELS.key()));
  }

  private static void checkCanary(String canary, Set<String> models, String byDefault) {
    if (!models.contains(canary)) {
      throw new InvalidOptionException(
          JobOptions.CANARY_MODEL,
          canary,
          "There is no such name in %s: choose one of %s."
              .formatted(CrossEncoderFunctionOptions.MODELS.key(), String.join(", ", models)));
    }
    if (byDefault == null || byDefault.equals(canary)) {
      throw new InvalidOptionException(
          JobOptions.CANARY_MODEL,
          canary,
          "The other records need a model, too: set %s to another name."
              .formatted(CrossEncoderFunctionOptions.ROUTE_DEFAULT.key()));
    }
  }

  /**
   * Checks the labels of one model beside those of all, from which the shape of records follows.
   */
  private static void checkLabels(List<String> ofAll, List<String> ofOne) {
    if (ofOne != null && !ofOne.equals(ofAll)) {
      if (ofAll == null) {
        throw new InvalidOptionException(
            CrossEncoderFunctionOptions.CLASSIFY_LABELS,
            String.join(";", ofOne),
            "Records are classified by all models or by none: set it for all, too.");
      }
      if (ClassifyFields.pointer(ofAll).isPresent() || ClassifyFields.pointer(ofOne).isPresent()) {
        throw new InvalidOptionException(
            CrossEncoderFunctionOptions.CLASSIFY_LABELS,
            String.join(";", ofOne),
            "A place in the record is the same for all models: set it once, for all.");
      }
    }
  }

  private static void checkDocuments(
      InputConfig input, OutputConfig output, ReadableConfig operator) {
    if (input.documents() != null) {
      return;
    }
    Integer topN = read(operator, CrossEncoderFunctionOptions.TOP_N);
    if (topN != null) {
      throw needsDocuments(CrossEncoderFunctionOptions.TOP_N, topN);
    }
    if (output.returnDocuments()) {
      throw needsDocuments(JobOptions.RETURN_DOCUMENTS, true);
    }
  }

  private static void checkClassify(
      InputConfig input, OutputConfig output, ReadableConfig operator) {
    if (input.classify() == null) {
      for (ConfigOption<?> option :
          List.of(
              CrossEncoderFunctionOptions.CLASSIFY_TEMPLATE,
              CrossEncoderFunctionOptions.CLASSIFY_MULTI_LABEL,
              CrossEncoderFunctionOptions.CLASSIFY_ENTAILMENT_LABEL)) {
        if (operator.getOptional(option).isPresent()) {
          throw new InvalidOptionException(
              option,
              read(operator, option),
              "It needs %s, the labels that a text can get."
                  .formatted(CrossEncoderFunctionOptions.CLASSIFY_LABELS.key()));
        }
      }
      return;
    }
    if (output.logits()) {
      throw withoutMeaning(JobOptions.OUTPUT_LOGITS, true);
    }
    if (input.classify().labels() == null) {
      LabelThresholds.from(operator)
          .checkCandidates(read(operator, CrossEncoderFunctionOptions.CLASSIFY_LABELS));
    }
    for (ConfigOption<?> option :
        List.of(
            CrossEncoderFunctionOptions.MIN_SCORE,
            CrossEncoderFunctionOptions.LONG_DOCUMENT,
            CrossEncoderFunctionOptions.EVIDENCE)) {
      if (operator.getOptional(option).isPresent()
          && !read(operator, option).equals(option.defaultValue())) {
        throw withoutMeaning(option, read(operator, option));
      }
    }
  }

  private static InvalidOptionException withoutMeaning(ConfigOption<?> option, Object value) {
    return new InvalidOptionException(
        option,
        value,
        "It is for pairs and documents, and %s is set: leave one of the two options out."
            .formatted(CrossEncoderFunctionOptions.CLASSIFY_LABELS.key()));
  }

  private static InvalidOptionException needsDocuments(ConfigOption<?> option, Object value) {
    return new InvalidOptionException(
        option,
        value,
        "It needs %s, the array of documents to rank.".formatted(JobOptions.INPUT_DOCUMENTS.key()));
  }

  private static void checkField(InputConfig input, OutputConfig output) {
    String field = output.field();
    if (input.documents() != null) {
      checkField(
          field,
          input.documents().pointerInto(field),
          "the query or the documents",
          JobOptions.INPUT_DOCUMENTS);
    }
    if (input.classify() != null) {
      checkField(
          field,
          input.classify().pointerInto(field),
          "the text or the labels",
          CrossEncoderFunctionOptions.CLASSIFY_LABELS);
    }
    Optional<String> routeInto =
        Optional.ofNullable(input.route())
            .filter(route -> field.equals(JsonPointer.compile(route).getMatchingProperty()));
    checkField(field, routeInto, "the model's name", JobOptions.ROUTE);
    for (PairFields pair : input.fields()) {
      checkField(field, pair.pointerInto(field), "a text", JobOptions.INPUT_TEXT_PAIR);
    }
  }

  /**
   * Checks that no pointer leads into the member of the result.
   *
   * @param pointer the pointer that does
   * @param of what it points to
   * @param option the option of the pointer, beside {@link JobOptions#INPUT_TEXT}
   */
  private static void checkField(
      String field, Optional<String> pointer, String of, ConfigOption<?> option) {
    if (pointer.isPresent()) {
      throw new InvalidOptionException(
          JobOptions.OUTPUT_FIELD,
          field,
          "The pointer %s of %s leads into it, but the job writes its result there. Choose another name, or set %s and %s to other members."
              .formatted(pointer.get(), of, JobOptions.INPUT_TEXT.key(), option.key()));
    }
  }

  private static Map<String, String> kafka(Configuration config) {
    Map<String, String> kafka = new TreeMap<>(JobOptions.clientOptions(config.toMap()));
    String servers = read(config, JobOptions.BOOTSTRAP_SERVERS);
    if (servers != null) {
      kafka.put(BOOTSTRAP_SERVERS, servers);
    }
    KafkaSecrets.addConfigProviders(kafka);
    return kafka;
  }

  private static Configuration operator(Configuration config) {
    Configuration operator = new Configuration();
    Map<String, String> values = config.toMap();
    for (ConfigOption<?> option : CrossEncoderFunctionOptions.all()) {
      for (String key : CrossEncoderFunctionOptions.keys(option)) {
        if (values.containsKey(key)) {
          operator.setString(key, values.get(key));
        }
      }
    }
    values.forEach(
        (key, value) -> {
          if (key.startsWith(CrossEncoderFunctionOptions.MODELS.key() + ".")) {
            operator.setString(key, value);
          }
        });
    return operator;
  }
}
