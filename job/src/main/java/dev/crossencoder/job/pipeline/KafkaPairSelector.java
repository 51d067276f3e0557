package dev.crossencoder.job.pipeline;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.options.InputConfig;
import dev.crossencoder.job.options.InputConfig.SkippedRecord;
import dev.crossencoder.job.options.JobOptions.InputTombstones;
import dev.crossencoder.job.options.OutputConfig;
import dev.crossencoder.job.record.FailureCodes;
import dev.crossencoder.job.record.PairReader;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.operator.InvalidRecordException;
import dev.crossencoder.operator.PairSelector;
import java.util.List;

/**
 * Finds the pair in a Kafka record's JSON value. A tombstone has no pair, unless tombstones become
 * dead letters.
 */
final class KafkaPairSelector implements PairSelector<KafkaRecord> {
  private static final long serialVersionUID = 1L;

  private final InputConfig input;
  private final OutputConfig output;
  private transient PairReader reader;

  KafkaPairSelector(InputConfig input, OutputConfig output) {
    this.input = input;
    this.output = output;
  }

  @Override
  public List<TextPair> pairs(KafkaRecord element) throws InvalidRecordException {
    if (!input.skip().isEmpty()
        && input.skip().contains(new SkippedRecord(element.partition(), element.offset()))) {
      throw new InvalidRecordException(FailureCodes.SKIPPED, "The option skip names this record.");
    }
    if (element.value() == null && input.tombstones() != InputTombstones.DEAD_LETTER) {
      return List.of();
    }
    if (reader == null) {
      reader = new PairReader(input.fields(), output.field(), output.overwrite(), input.framing());
    }
    return List.of(reader.read(element.value()).pair());
  }
}
