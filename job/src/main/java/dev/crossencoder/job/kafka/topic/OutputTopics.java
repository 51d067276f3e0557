package dev.crossencoder.job.kafka.topic;

import dev.crossencoder.job.options.JobConfig;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records that the topics for results and for dead letters accept. It is part of the job graph,
 * with the settings at submission. {@link #lookAgain} reads the settings again.
 */
@Internal
public final class OutputTopics implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(OutputTopics.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Properties kafka;
  private final ProducerLimits producer;
  private final String resultTopic;
  private final String deadLetterTopic;
  private final TopicSettings results;
  private final TopicSettings deadLetters;
  private final int maxRequestBytes;

  /**
   * Creates the object from the settings that were read at submission.
   *
   * @param settings the settings by topic; a topic whose settings could not be read is missing
   * @param maxRequestBytes the largest request that brokers accept
   */
  public OutputTopics(JobConfig config, Map<String, TopicSettings> settings, int maxRequestBytes) {
    this(
        config.kafkaProperties(),
        ProducerLimits.from(config),
        config.output().topic(),
        config.output().deadLetterTopic(),
        settings.getOrDefault(config.output().topic(), TopicSettings.UNKNOWN),
        settings.getOrDefault(config.output().deadLetterTopic(), TopicSettings.UNKNOWN),
        maxRequestBytes);
  }

  private OutputTopics(
      Properties kafka,
      ProducerLimits producer,
      String resultTopic,
      String deadLetterTopic,
      TopicSettings results,
      TopicSettings deadLetters,
      int maxRequestBytes) {
    this.kafka = kafka;
    this.producer = producer;
    this.resultTopic = resultTopic;
    this.deadLetterTopic = deadLetterTopic;
    this.results = results;
    this.deadLetters = deadLetters;
    this.maxRequestBytes = maxRequestBytes;
  }

  public TopicSettings results() {
    return results;
  }

  public TopicSettings deadLetters() {
    return deadLetters;
  }

  public RecordRules resultRules() {
    return new RecordRules(
        resultTopic, results, SizeLimit.of(producer, resultTopic, results, maxRequestBytes));
  }

  public SizeLimit deadLetterSize() {
    return SizeLimit.of(producer, deadLetterTopic, deadLetters, maxRequestBytes);
  }

  public ProducerLimits producer() {
    return producer;
  }

  /**
   * Returns a copy with the topics' current settings, or with the earlier ones if the brokers do
   * not answer. Blocks for a few seconds at most.
   */
  public OutputTopics lookAgain() {
    Properties properties = new Properties();
    properties.putAll(kafka);
    String patience = String.valueOf(PATIENCE.toMillis());
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, patience);
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, patience);
    try (Admin admin = Admin.create(properties)) {
      Map<String, TopicSettings> now =
          TopicLook.at(admin, List.of(resultTopic, deadLetterTopic), PATIENCE);
      return new OutputTopics(
          kafka,
          producer,
          resultTopic,
          deadLetterTopic,
          now.getOrDefault(resultTopic, results),
          now.getOrDefault(deadLetterTopic, deadLetters),
          maxRequestBytes);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      LOG.warn(
          "Cannot read the settings of topics {} and {} after a restart, so the earlier ones are used: {}",
          resultTopic,
          deadLetterTopic,
          String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause().getMessage()));
      return this;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return this;
    }
  }
}
