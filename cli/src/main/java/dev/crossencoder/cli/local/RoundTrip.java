package dev.crossencoder.cli.local;

/**
 * A record that went through Kafka and a job and came back.
 *
 * @param value the value of the result or, if there is a reason, of the dead letter
 * @param deadLetterReason why the record could not be scored; null if it was
 * @param sendMillis from sending to the broker's acknowledgement
 * @param jobMillis from the broker's append of the record to its append of the result, by its
 *     clock: the job has read the record, scored it and written the result
 * @param readMillis from the append of the result until it was read
 */
public record RoundTrip(
    byte[] value, String deadLetterReason, double sendMillis, double jobMillis, double readMillis) {
  public boolean isDeadLetter() {
    return deadLetterReason != null;
  }
}
