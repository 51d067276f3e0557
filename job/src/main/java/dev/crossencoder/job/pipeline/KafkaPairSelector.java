package dev.crossencoder.job.pipeline;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.options.InputConfig;
import dev.crossencoder.job.options.InputConfig.SkippedRecord;
import dev.crossencoder.job.options.JobOptions.InputTombstones;
import dev.crossencoder.job.record.FailureCodes;
import dev.crossencoder.job.record.PairFormat;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.operator.InvalidRecordException;
import dev.crossencoder.operator.PairSelector;
import java.util.List;

/** Finds the pair in a Kafka record's JSON value. */
final class KafkaPairSelector implements PairSelector<KafkaRecord> {
  private static final long serialVersionUID = 1L;

  private final InputConfig input;
  private final PairFormat format;

  KafkaPairSelector(InputConfig input, PairFormat format) {
    this.input = input;
    this.format = format;
  }

  @Override
  public List<TextPair> pairs(KafkaRecord element) throws InvalidRecordException {
    return isToBeRead(element, input) ? List.of(format.pair(element.value())) : List.of();
  }

  /**
   * Returns whether the value of a record is read. A tombstone has no texts, unless tombstones
   * become dead letters.
   *
   * @throws InvalidRecordException if the options name the record as one to skip
   */
  static boolean isToBeRead(KafkaRecord element, InputConfig input) throws InvalidRecordException {
    if (!input.skip().isEmpty()
        && input.skip().contains(new SkippedRecord(element.partition(), element.offset()))) {
      throw new InvalidRecordException(FailureCodes.SKIPPED, "The option skip names this record.");
    }
    return element.value() != null || input.tombstones() == InputTombstones.DEAD_LETTER;
  }
}
