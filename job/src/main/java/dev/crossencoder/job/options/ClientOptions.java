package dev.crossencoder.job.options;

import dev.crossencoder.job.options.JobOptions.Delivery;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Checks the options of Kafka's clients against the clients' definitions and against the guarantees
 * of the job. It refuses values that no client accepts, values that contradict each other, and
 * values with which results could be lost, before submission. Messages name the key and never
 * repeat the value, unlike Kafka's own messages.
 */
@Internal
public final class ClientOptions {
  private static final Pattern KEY = Pattern.compile(" for configuration ([a-z0-9._]+)");

  /**
   * Shorter parts of a value are not hidden, because they are no secrets and occur in every
   * sentence.
   */
  private static final int MIN_PART = 4;

  private static final Map<String, ConfigDef.ConfigKey> DEFINITIONS = definitions();

  /** The serializers and deserializers that the job uses. */
  private static final Map<String, Class<?>> BYTES =
      Map.of(
          ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class,
          ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class,
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class,
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);

  /** The values of {@code acks} with which every replica confirms a record. */
  private static final Set<String> KEPT_BY_ALL = Set.of("all", "-1");

  /** A placeholder for the transactional id, which is set later. */
  private static final String ANY_ID = "any";

  private ClientOptions() {}

  /**
   * Resolves references and checks every value.
   *
   * @param delivery the delivery guarantee of the job
   * @return the options in the form for an admin client
   * @throws ConfigException if the file of a reference cannot be read
   * @throws IllegalArgumentException if a value is invalid; the message names the key and the
   *     allowed values
   */
  public static Map<String, Object> resolve(Properties properties, Delivery delivery) {
    Map<String, Object> resolved;
    try {
      resolved = new AdminClientConfig(properties).originals();
    } catch (ConfigException e) {
      if (KafkaSecrets.isUnreadableFile(e)) {
        throw e;
      }
      throw refusal(e, properties);
    }
    BYTES.forEach(
        (key, type) -> {
          if (resolved.containsKey(key) && !type.getName().equals(resolved.get(key))) {
            throw invalid(key, "The job reads and writes bytes: remove this option.");
          }
        });
    if (KafkaSecrets.references(resolved).isEmpty()) {
      Map<String, Object> all = new HashMap<>(resolved);
      all.putAll(BYTES);
      try {
        checkConsumer(all);
        checkProducer(all, delivery);
      } catch (ConfigException e) {
        throw refusal(e, all);
      }
    }
    return resolved;
  }

  private static void checkConsumer(Map<String, Object> all) {
    if (all.containsKey(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG)
        && ConsumerConfig.configDef()
            .parse(all)
            .get(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG)
            .equals(true)) {
      throw invalid(
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          "The job commits the group's offsets with its checkpoints. Other commits would skip records that are not scored yet: remove this option.");
    }
    Map<String, Object> own = new HashMap<>(all);
    own.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    own.put(ConsumerConfig.GROUP_ID_CONFIG, ANY_ID);
    new ConsumerConfig(own);
  }

  private static void checkProducer(Map<String, Object> all, Delivery delivery) {
    Map<String, Object> values = ProducerConfig.configDef().parse(all);
    if (!KEPT_BY_ALL.contains(String.valueOf(values.get(ProducerConfig.ACKS_CONFIG)))) {
      throw invalid(
          ProducerConfig.ACKS_CONFIG,
          "It must be all: otherwise results are lost with a broker that has not replicated them, and the job does not notice results that a broker refuses.");
    }
    long least =
        (Long) values.get(ProducerConfig.LINGER_MS_CONFIG)
            + (Integer) values.get(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG);
    if (all.containsKey(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG)
        && (Integer) values.get(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG) < least) {
      throw invalid(
          ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
          "It must be at least %d, the sum of %s and %s."
              .formatted(
                  least,
                  ProducerConfig.LINGER_MS_CONFIG,
                  ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG));
    }
    Map<String, Object> own = new HashMap<>(all);
    if (delivery == Delivery.EXACTLY_ONCE) {
      if (values.get(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG).equals(false)) {
        throw invalid(
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            "It must be true with %s %s.".formatted(JobOptions.DELIVERY.key(), delivery));
      }
      if (values.get(ProducerConfig.RETRIES_CONFIG).equals(0)) {
        throw invalid(
            ProducerConfig.RETRIES_CONFIG,
            "It must not be 0 with %s %s.".formatted(JobOptions.DELIVERY.key(), delivery));
      }
      own.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, ANY_ID);
      own.put(
          ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
          values.get(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG));
    }
    new ProducerConfig(own);
  }

  private static IllegalArgumentException invalid(String key, String wanted) {
    return new IllegalArgumentException(
        "Invalid %s%s: %s. %s"
            .formatted(JobOptions.PROPERTIES_PREFIX, key, KafkaSecrets.HIDDEN, wanted));
  }

  /** Returns the exception without the cause, whose message repeats the value. */
  static IllegalArgumentException refusal(ConfigException refusal, Map<?, ?> values) {
    String message = String.valueOf(refusal.getMessage());
    Matcher keys = KEY.matcher(message);
    while (keys.find()) {
      ConfigDef.ConfigKey key = DEFINITIONS.get(keys.group(1).replaceFirst("\\.$", ""));
      if (key != null) {
        return invalid(key.name, "It must be %s.".formatted(wanted(key)));
      }
    }
    return new IllegalArgumentException(
        "Invalid option of Kafka's clients (%s*): %s"
            .formatted(JobOptions.PROPERTIES_PREFIX, withoutValues(message, values)));
  }

  private static String wanted(ConfigDef.ConfigKey key) {
    String type =
        switch (key.type) {
          case BOOLEAN -> "true or false";
          case INT, SHORT, LONG -> "a whole number";
          case DOUBLE -> "a number";
          case CLASS -> "the name of a class that Flink or the job jar has";
          default -> "a " + key.type.name().toLowerCase(Locale.ROOT);
        };
    // Kafka's validators say what they take; some print as objects.
    String limits = key.validator == null ? "" : key.validator.toString();
    return limits.isEmpty() || limits.contains("@") || limits.contains("$")
        ? type
        : type + " that fits " + limits;
  }

  /** Hides every value and every part of a value in a message. */
  private static String withoutValues(String message, Map<?, ?> values) {
    TreeSet<String> parts =
        new TreeSet<>(
            (a, b) -> a.length() == b.length() ? a.compareTo(b) : b.length() - a.length());
    for (Object value : values.values()) {
      parts.add(String.valueOf(value));
      parts.addAll(Arrays.asList(String.valueOf(value).split("[\\s,;=\"']+", -1)));
    }
    String hidden = message;
    for (String part : parts) {
      if (part.length() >= MIN_PART) {
        hidden = hidden.replace(part, KafkaSecrets.HIDDEN);
      }
    }
    return hidden;
  }

  private static Map<String, ConfigDef.ConfigKey> definitions() {
    Map<String, ConfigDef.ConfigKey> keys = new LinkedHashMap<>();
    keys.putAll(ConsumerConfig.configDef().configKeys());
    keys.putAll(ProducerConfig.configDef().configKeys());
    keys.putAll(AdminClientConfig.configDef().configKeys());
    return keys;
  }
}
