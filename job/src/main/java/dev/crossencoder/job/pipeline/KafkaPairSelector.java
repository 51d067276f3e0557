package dev.crossencoder.job.pipeline;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.JobConfig.SkippedRecord;
import dev.crossencoder.job.options.JobOptions.InputTombstones;
import dev.crossencoder.job.record.FailureCodes;
import dev.crossencoder.job.record.InputFraming;
import dev.crossencoder.job.record.PairFields;
import dev.crossencoder.job.record.PairReader;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.operator.InvalidRecordException;
import dev.crossencoder.operator.PairSelector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * Finds the pair in a Kafka record's JSON value. A tombstone that is not to be a dead letter has
 * none.
 */
final class KafkaPairSelector implements PairSelector<KafkaRecord> {
  private static final long serialVersionUID = 1L;

  private final ArrayList<PairFields> fields;
  private final String resultName;
  private final boolean overwrite;
  private final InputFraming framing;
  private final InputTombstones tombstones;
  private final HashSet<SkippedRecord> skip;
  private transient PairReader reader;

  KafkaPairSelector(JobConfig config) {
    this.fields = new ArrayList<>(config.fields());
    this.resultName = config.outputField();
    this.overwrite = config.overwrite();
    this.framing = config.framing();
    this.tombstones = config.tombstones();
    this.skip = new HashSet<>(config.skip());
  }

  @Override
  public List<TextPair> pairs(KafkaRecord element) throws InvalidRecordException {
    if (!skip.isEmpty()
        && skip.contains(new SkippedRecord(element.partition(), element.offset()))) {
      throw new InvalidRecordException(
          FailureCodes.SKIPPED, "The job was told to skip this record.");
    }
    if (element.value() == null && tombstones != InputTombstones.DEAD_LETTER) {
      return List.of();
    }
    if (reader == null) {
      reader = new PairReader(fields, resultName, overwrite, framing);
    }
    return List.of(reader.read(element.value()).pair());
  }
}
