package dev.crossencoder.job.shadow;

import dev.crossencoder.job.KafkaRecord;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.functions.FilterFunction;

/** Chooses a share of the records by their partition and offset; tombstones are never chosen. */
@Internal
public final class ShadowSample implements FilterFunction<KafkaRecord> {
  private static final long serialVersionUID = 1L;
  private static final long PARTS = 1_000_000;

  private final long chosenParts;

  /**
   * Creates a sample.
   *
   * @param share the share, up to 1
   */
  public ShadowSample(double share) {
    this.chosenParts = Math.round(share * PARTS);
  }

  @Override
  public boolean filter(KafkaRecord record) {
    return record.value() != null
        && Long.remainderUnsigned(mix(record.partition() * 31L + record.offset()), PARTS)
            < chosenParts;
  }

  /** The finalizer of MurmurHash3: neighbours get values that have nothing in common. */
  private static long mix(long value) {
    long mixed = value;
    mixed = (mixed ^ (mixed >>> 33)) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ (mixed >>> 33);
  }
}
