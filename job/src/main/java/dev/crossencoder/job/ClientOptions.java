package dev.crossencoder.job;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Checks the options of Kafka's clients against what the clients define, so that a value that none
 * of them takes is refused before submission. Messages name the key and never repeat the value,
 * which Kafka's own messages do.
 */
final class ClientOptions {
  private static final Pattern KEY = Pattern.compile(" for configuration ([a-z0-9._]+)");

  /** Parts of a value that are shorter are no secrets, and occur in every sentence. */
  private static final int MIN_PART = 4;

  private static final Map<String, ConfigDef.ConfigKey> DEFINITIONS = definitions();

  private ClientOptions() {}

  /**
   * Resolves references and checks every value.
   *
   * @return the options as an admin client has them
   * @throws ConfigException if the file of a reference cannot be read
   * @throws IllegalArgumentException naming the key and what its value must be
   */
  static Map<String, Object> resolve(Properties properties) {
    Map<String, Object> resolved;
    try {
      resolved = new AdminClientConfig(properties).originals();
    } catch (ConfigException e) {
      if (KafkaSecrets.isUnreadableFile(e)) {
        throw e;
      }
      throw refusal(e, properties);
    }
    if (KafkaSecrets.references(resolved).isEmpty()) {
      Map<String, Object> all = new HashMap<>(resolved);
      // The connector sets these itself.
      all.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
      all.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
      all.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
      all.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
      try {
        ConsumerConfig.configDef().parse(all);
        ProducerConfig.configDef().parse(all);
      } catch (ConfigException e) {
        throw refusal(e, all);
      }
    }
    return resolved;
  }

  /** Without the cause, which repeats the value. */
  static IllegalArgumentException refusal(ConfigException refusal, Map<?, ?> values) {
    String message = String.valueOf(refusal.getMessage());
    Matcher keys = KEY.matcher(message);
    while (keys.find()) {
      ConfigDef.ConfigKey key = DEFINITIONS.get(keys.group(1).replaceFirst("\\.$", ""));
      if (key != null) {
        return new IllegalArgumentException(
            "Invalid %s%s: %s. It must be %s."
                .formatted(JobConfig.KAFKA_PREFIX, key.name, KafkaSecrets.HIDDEN, wanted(key)));
      }
    }
    return new IllegalArgumentException(
        "Invalid option of Kafka's clients (%s*): %s"
            .formatted(JobConfig.KAFKA_PREFIX, withoutValues(message, values)));
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

  /** Hides every value, and every part of one, wherever the message has it. */
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
