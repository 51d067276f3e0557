package dev.crossencoder.job.pipeline;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.options.InputConfig;
import dev.crossencoder.job.record.ResultMember;
import dev.crossencoder.job.record.RouteReader;
import dev.crossencoder.operator.InvalidRecordException;
import dev.crossencoder.operator.RouteSelector;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Chooses the model of a Kafka record: by the name in its JSON value, or else the canary for a
 * share of the keys.
 */
final class KafkaRouteSelector implements RouteSelector<KafkaRecord> {
  private static final long serialVersionUID = 1L;
  private static final int PARTS = 10_000;
  private static final int PARTS_OF_A_PERCENT = PARTS / 100;

  private final InputConfig input;
  private final ResultMember member;
  private final String anyName;
  private transient RouteReader reader;
  private transient MessageDigest digest;

  /**
   * Creates a selector.
   *
   * @param anyName the name of a model, for records that are not read
   */
  KafkaRouteSelector(InputConfig input, ResultMember member, String anyName) {
    this.input = input;
    this.member = member;
    this.anyName = anyName;
  }

  @Override
  public String route(KafkaRecord element) throws InvalidRecordException {
    if (!KafkaPairSelector.isToBeRead(element, input)) {
      return anyName;
    }
    String name = input.route() == null ? null : reader().route(element.value());
    return name == null && input.canary() != null && isForCanary(element)
        ? input.canary().model()
        : name;
  }

  private RouteReader reader() {
    if (reader == null) {
      reader = new RouteReader(input.route(), member);
    }
    return reader;
  }

  /**
   * Returns whether the first 32 bits of the SHA-256 of the key, modulo 10,000, are below the
   * share. The hash has nothing in common with the one by which Kafka chooses partitions: each
   * partition has its share.
   */
  private boolean isForCanary(KafkaRecord element) {
    if (digest == null) {
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Every Java platform has SHA-256", e);
      }
    }
    byte[] key =
        element.key() == null
            ? (element.partition() + "@" + element.offset()).getBytes(StandardCharsets.UTF_8)
            : element.key();
    int hash = ByteBuffer.wrap(digest.digest(key)).getInt();
    return Integer.remainderUnsigned(hash, PARTS)
        < Math.round(PARTS_OF_A_PERCENT * input.canary().percent());
  }
}
