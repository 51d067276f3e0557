package dev.crossencoder.job.kafka.topic;

import java.io.Serializable;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.apache.flink.annotation.Internal;

/**
 * The settings of a topic that brokers apply to each record that is written to it.
 *
 * @param compacted whether records need a key
 * @param brokerTime whether the broker sets the timestamp, and therefore accepts any timestamp
 * @param timestampBeforeMaxMillis how far a timestamp may be behind the broker's clock
 * @param timestampAfterMaxMillis how far a timestamp may be ahead of the broker's clock
 * @param maxMessageBytes the largest batch of records
 * @param segmentBytes the size of a log segment of the topic, in which a batch must fit, too
 * @param recompresses whether the broker may compress records in another way than the producer
 */
@Internal
public record TopicSettings(
    boolean compacted,
    boolean brokerTime,
    long timestampBeforeMaxMillis,
    long timestampAfterMaxMillis,
    int maxMessageBytes,
    int segmentBytes,
    boolean recompresses)
    implements Serializable {
  public static final String CLEANUP_POLICY = "cleanup.policy";
  public static final String BEFORE_MAX = "message.timestamp.before.max.ms";
  public static final String AFTER_MAX = "message.timestamp.after.max.ms";
  public static final String TIMESTAMP_TYPE = "message.timestamp.type";
  static final String MAX_MESSAGE_BYTES = "max.message.bytes";
  public static final String SEGMENT_BYTES = "segment.bytes";

  /** The settings of a topic whose settings could not be read: it accepts every record. */
  public static final TopicSettings UNKNOWN =
      new TopicSettings(
          false, false, Long.MAX_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, true);

  /** A setting of brokers before 4.0: one limit for both directions. */
  private static final String DIFFERENCE_MAX = "message.timestamp.difference.max.ms";

  private static final String COMPRESSION = "compression.type";

  /**
   * Reads a topic's settings.
   *
   * @param values returns the value of a setting by its name; null if the brokers do not have the
   *     setting
   */
  static TopicSettings of(UnaryOperator<String> values) {
    // From 3.6 to 3.9 the older limit holds where the newer one is not set.
    long difference = number(values.apply(DIFFERENCE_MAX), Long.MAX_VALUE);
    return new TopicSettings(
        Arrays.asList(or(values.apply(CLEANUP_POLICY), "delete").split("\\s*,\\s*", -1))
            .contains("compact"),
        or(values.apply(TIMESTAMP_TYPE), "CreateTime").equals("LogAppendTime"),
        unlessUnlimited(number(values.apply(BEFORE_MAX), Long.MAX_VALUE), difference),
        unlessUnlimited(number(values.apply(AFTER_MAX), Long.MAX_VALUE), difference),
        (int) number(values.apply(MAX_MESSAGE_BYTES), Integer.MAX_VALUE),
        (int) number(values.apply(SEGMENT_BYTES), Integer.MAX_VALUE),
        !or(values.apply(COMPRESSION), "producer").equals("producer"));
  }

  /**
   * Returns whether the timestamp of a record that is written now may be too far from the broker's
   * clock.
   */
  public boolean mayRefuseNow(long toleranceMillis) {
    return !brokerTime
        && (timestampBeforeMaxMillis < toleranceMillis
            || timestampAfterMaxMillis < toleranceMillis);
  }

  private static long unlessUnlimited(long limit, long other) {
    return limit == Long.MAX_VALUE ? other : limit;
  }

  private static long number(String value, long otherwise) {
    return value == null ? otherwise : Long.parseLong(value);
  }

  private static String or(String value, String otherwise) {
    return value == null ? otherwise : value;
  }
}
