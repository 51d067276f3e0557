package dev.crossencoder.job.kafka.sink;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.groups.OperatorIOMetricGroup;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.runtime.metrics.groups.ProxyMetricGroup;

/**
 * A writer's metrics that register the gauge of the send time once. KafkaSink's exactly-once writer
 * registers it twice, and Flink warns of two metrics with the same name.
 *
 * <p>Owned by the task thread.
 */
final class WriterMetrics extends ProxyMetricGroup<SinkWriterMetricGroup>
    implements SinkWriterMetricGroup {
  private boolean hasSendTime;

  WriterMetrics(SinkWriterMetricGroup metrics) {
    super(metrics);
  }

  @Override
  public void setCurrentSendTimeGauge(Gauge<Long> sendTime) {
    if (!hasSendTime) {
      hasSendTime = true;
      parentMetricGroup.setCurrentSendTimeGauge(sendTime);
    }
  }

  @Override
  public Counter getNumRecordsOutErrorsCounter() {
    return parentMetricGroup.getNumRecordsOutErrorsCounter();
  }

  @Override
  public Counter getNumRecordsSendErrorsCounter() {
    return parentMetricGroup.getNumRecordsSendErrorsCounter();
  }

  @Override
  public Counter getNumRecordsSendCounter() {
    return parentMetricGroup.getNumRecordsSendCounter();
  }

  @Override
  public Counter getNumBytesSendCounter() {
    return parentMetricGroup.getNumBytesSendCounter();
  }

  @Override
  public OperatorIOMetricGroup getIOMetricGroup() {
    return parentMetricGroup.getIOMetricGroup();
  }
}
