package dev.crossencoder.job.kafka.sink;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobInfo;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.util.UserCodeClassLoader;
import org.apache.flink.util.function.ThrowingRunnable;

/**
 * A writer's context that adds the refused record to failures of the task's mailbox, and that
 * registers no metric twice.
 */
final class NamingWriterContext implements WriterInitContext {
  private final WriterInitContext context;
  private final RefusedRecords refused;
  private final WriterMetrics metrics;

  NamingWriterContext(WriterInitContext context, RefusedRecords refused) {
    this.context = context;
    this.refused = refused;
    this.metrics = new WriterMetrics(context.metricGroup());
  }

  @Override
  public MailboxExecutor getMailboxExecutor() {
    return new Mailbox(context.getMailboxExecutor(), refused);
  }

  @Override
  public UserCodeClassLoader getUserCodeClassLoader() {
    return context.getUserCodeClassLoader();
  }

  @Override
  public ProcessingTimeService getProcessingTimeService() {
    return context.getProcessingTimeService();
  }

  @Override
  public SinkWriterMetricGroup metricGroup() {
    return metrics;
  }

  @Override
  public SerializationSchema.InitializationContext asSerializationSchemaInitializationContext() {
    return context.asSerializationSchemaInitializationContext();
  }

  @Override
  public boolean isObjectReuseEnabled() {
    return context.isObjectReuseEnabled();
  }

  @Override
  public <T> TypeSerializer<T> createInputSerializer() {
    return context.createInputSerializer();
  }

  @Override
  public <T> Optional<Consumer<T>> metadataConsumer() {
    return context.metadataConsumer();
  }

  @Override
  public OptionalLong getRestoredCheckpointId() {
    return context.getRestoredCheckpointId();
  }

  @Override
  public JobInfo getJobInfo() {
    return context.getJobInfo();
  }

  @Override
  public TaskInfo getTaskInfo() {
    return context.getTaskInfo();
  }

  private record Mailbox(MailboxExecutor executor, RefusedRecords refused)
      implements MailboxExecutor {
    @Override
    public void execute(
        MailOptions options,
        ThrowingRunnable<? extends Exception> command,
        String description,
        Object... arguments) {
      executor.execute(
          options, RefusalNamingWriter.naming(command, refused), description, arguments);
    }

    @Override
    public void yield() throws InterruptedException {
      executor.yield();
    }

    @Override
    public boolean tryYield() {
      return executor.tryYield();
    }

    @Override
    public boolean shouldInterrupt() {
      return executor.shouldInterrupt();
    }
  }
}
