package dev.crossencoder.job.pipeline;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.options.InputConfig;
import dev.crossencoder.job.record.ClassifyFormat;
import dev.crossencoder.operator.ClassifyRequest;
import dev.crossencoder.operator.ClassifySelector;
import dev.crossencoder.operator.InvalidRecordException;

/** Finds the text and the labels in a Kafka record's JSON value. */
final class KafkaClassifySelector implements ClassifySelector<KafkaRecord> {
  private static final long serialVersionUID = 1L;

  private final InputConfig input;
  private final ClassifyFormat format;

  KafkaClassifySelector(InputConfig input, ClassifyFormat format) {
    this.input = input;
    this.format = format;
  }

  @Override
  public ClassifyRequest request(KafkaRecord element) throws InvalidRecordException {
    return KafkaPairSelector.isToBeRead(element, input)
        ? format.request(element.value())
        : new ClassifyRequest(null);
  }
}
