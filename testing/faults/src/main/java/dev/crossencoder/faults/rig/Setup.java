package dev.crossencoder.faults.rig;

import java.util.Map;
import java.util.TreeMap;

/**
 * The configuration of a {@link Rig}.
 *
 * @param taskManagers the number of TaskManagers, with two slots each
 * @param highAvailability whether the JobManager uses ZooKeeper for high availability
 * @param clusterOptions options of Flink, which override those of the rig
 * @param brokerProperties properties of the Kafka broker
 * @param topicOptions options of input and output topics
 * @param maxResultBytes {@code max.message.bytes} of output topics
 * @param maxDeadLetterBytes {@code max.message.bytes} of dead-letter topics
 */
public record Setup(
    int taskManagers,
    boolean highAvailability,
    Map<String, String> clusterOptions,
    Map<String, String> brokerProperties,
    Map<String, String> topicOptions,
    int maxResultBytes,
    int maxDeadLetterBytes) {
  /** The default of Kafka. */
  private static final int MAX_MESSAGE_BYTES = 1_048_588;

  public Setup {
    clusterOptions = Map.copyOf(clusterOptions);
    brokerProperties = Map.copyOf(brokerProperties);
    topicOptions = Map.copyOf(topicOptions);
  }

  /** Returns a setup with TaskManagers and defaults otherwise. */
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

  /**
   * Lets TaskManagers touch their whole heap at the start, so that later growth is outside the
   * heap.
   */
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

  /** Sets an option of input and output topics. */
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
