package dev.crossencoder.faults.rig;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a rig is made of.
 *
 * @param taskManagers how many, with two slots each
 * @param highAvailability whether the JobManager keeps what it must know in ZooKeeper
 * @param clusterOptions Flink's, which win over those of the rig
 * @param brokerProperties Kafka's
 * @param topicOptions of input and output topics
 * @param maxResultBytes the output topics' {@code max.message.bytes}
 * @param maxDeadLetterBytes the dead-letter topics' {@code max.message.bytes}
 */
public record Setup(
    int taskManagers,
    boolean highAvailability,
    Map<String, String> clusterOptions,
    Map<String, String> brokerProperties,
    Map<String, String> topicOptions,
    int maxResultBytes,
    int maxDeadLetterBytes) {
  /** Kafka's own default. */
  private static final int MAX_MESSAGE_BYTES = 1_048_588;

  public Setup {
    clusterOptions = Map.copyOf(clusterOptions);
    brokerProperties = Map.copyOf(brokerProperties);
    topicOptions = Map.copyOf(topicOptions);
  }

  /** TaskManagers, and all else as it is by default. */
  public static Setup of(int taskManagers) {
    return new Setup(
        taskManagers, false, Map.of(), Map.of(), Map.of(), MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES);
  }

  public Setup withHighAvailability() {
    return new Setup(
        taskManagers,
        true,
        clusterOptions,
        brokerProperties,
        topicOptions,
        maxResultBytes,
        maxDeadLetterBytes);
  }

  public Setup withClusterOption(String key, String value) {
    return new Setup(
        taskManagers,
        highAvailability,
        with(clusterOptions, key, value),
        brokerProperties,
        topicOptions,
        maxResultBytes,
        maxDeadLetterBytes);
  }

  /** Has TaskManagers touch all of their heaps at first, so that later growth is not the heap's. */
  public Setup withTouchedHeap() {
    return withClusterOption("env.java.opts.taskmanager", "-XX:+AlwaysPreTouch");
  }

  public Setup withBrokerProperty(String key, String value) {
    return new Setup(
        taskManagers,
        highAvailability,
        clusterOptions,
        with(brokerProperties, key, value),
        topicOptions,
        maxResultBytes,
        maxDeadLetterBytes);
  }

  /** Gives input and output topics an option. */
  public Setup withTopicOption(String key, String value) {
    return new Setup(
        taskManagers,
        highAvailability,
        clusterOptions,
        brokerProperties,
        with(topicOptions, key, value),
        maxResultBytes,
        maxDeadLetterBytes);
  }

  public Setup withRecordLimits(int resultBytes, int deadLetterBytes) {
    return new Setup(
        taskManagers,
        highAvailability,
        clusterOptions,
        brokerProperties,
        topicOptions,
        resultBytes,
        deadLetterBytes);
  }

  private static Map<String, String> with(Map<String, String> map, String key, String value) {
    Map<String, String> more = new TreeMap<>(map);
    more.put(key, value);
    return more;
  }
}
