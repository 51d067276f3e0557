package dev.crossencoder.job.kafka.topic;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

/** Asks the brokers for the settings of topics. */
@Internal
public final class TopicLook {
  private TopicLook() {}

  /** Returns the settings by topic name. */
  public static Map<String, TopicSettings> at(
      Admin admin, Collection<String> topics, Duration patience)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<String, TopicSettings> settings = new HashMap<>();
    admin
        .describeConfigs(
            topics.stream()
                .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                .toList())
        .all()
        .get(patience.toMillis(), TimeUnit.MILLISECONDS)
        .forEach(
            (topic, config) ->
                settings.put(
                    topic.name(),
                    TopicSettings.of(
                        name -> {
                          ConfigEntry entry = config.get(name);
                          return entry == null ? null : entry.value();
                        })));
    return settings;
  }
}
