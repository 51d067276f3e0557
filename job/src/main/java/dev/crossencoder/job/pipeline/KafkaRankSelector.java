package dev.crossencoder.job.pipeline;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.options.InputConfig;
import dev.crossencoder.job.record.DocumentsFormat;
import dev.crossencoder.operator.InvalidRecordException;
import dev.crossencoder.operator.RankRequest;
import dev.crossencoder.operator.RankSelector;
import java.util.List;

/** Finds the query and the documents in a Kafka record's JSON value. */
final class KafkaRankSelector implements RankSelector<KafkaRecord> {
  private static final long serialVersionUID = 1L;
  private static final RankRequest NOTHING = new RankRequest("", List.of());

  private final InputConfig input;
  private final DocumentsFormat format;

  KafkaRankSelector(InputConfig input, DocumentsFormat format) {
    this.input = input;
    this.format = format;
  }

  @Override
  public RankRequest request(KafkaRecord element) throws InvalidRecordException {
    return KafkaPairSelector.isToBeRead(element, input) ? format.request(element.value()) : NOTHING;
  }
}
