package dev.crossencoder.job.options;

import dev.crossencoder.operator.InvalidOptionException;
import java.util.regex.Pattern;
import org.apache.flink.configuration.ConfigOption;

/** Kafka's rules for the names of topics. */
final class TopicNames {
  private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

  private TopicNames() {}

  static void check(ConfigOption<String> option, String topic) {
    if (!TOPIC.matcher(topic).matches()) {
      throw new InvalidOptionException(
          option, topic, "A topic's name has letters, digits, '.', '_' and '-', at most 249.");
    }
  }
}
