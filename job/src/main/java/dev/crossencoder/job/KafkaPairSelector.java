package dev.crossencoder.job;

import dev.crossencoder.bundle.TextPair;
import dev.crossencoder.job.JobConfig.SkippedRecord;
import dev.crossencoder.operator.InvalidRecordException;
import dev.crossencoder.operator.PairSelector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds the pair in a Kafka record's JSON value. */
final class KafkaPairSelector implements PairSelector<KafkaRecord> {
  private static final long serialVersionUID = 1L;

  private final ArrayList<PairFields> fields;
  private final String resultName;
  private final boolean overwrite;
  private final HashSet<SkippedRecord> skip;
  private transient PairReader reader;

  KafkaPairSelector(
      List<PairFields> fields, String resultName, boolean overwrite, Set<SkippedRecord> skip) {
    this.fields = new ArrayList<>(fields);
    this.resultName = resultName;
    this.overwrite = overwrite;
    this.skip = new HashSet<>(skip);
  }

  @Override
  public List<TextPair> pairs(KafkaRecord element) throws InvalidRecordException {
    if (!skip.isEmpty()
        && skip.contains(new SkippedRecord(element.partition(), element.offset()))) {
      throw new InvalidRecordException(
          FailureCodes.SKIPPED, "The job was told to skip this record.");
    }
    if (reader == null) {
      reader = new PairReader(fields, resultName, overwrite);
    }
    return List.of(reader.read(element.value()).pair());
  }
}
