package dev.crossencoder.cli.local;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.job.CrossEncoderJob;
import dev.crossencoder.job.options.JobConfig;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The Kafka job in a {@link LocalCluster}. */
public final class LocalJob {
  private LocalJob() {}

  /**
   * Submits the job and returns when its tasks run and have loaded the model.
   *
   * @param options the options of the job, with their keys, beside its name and topics
   * @throws CommandFailedException if the job has ended before
   */
  public static JobClient submit(
      LocalCluster flink,
      String name,
      String bootstrapServers,
      LocalTopics topics,
      Map<String, String> options)
      throws Exception {
    Map<String, String> all = new TreeMap<>(options);
    all.put("job.name", name);
    all.put("bootstrap-servers", bootstrapServers);
    all.put("input.topic", topics.input());
    all.put("output.topic", topics.output());
    all.put("dead-letter.topic", topics.deadLetters());
    StreamExecutionEnvironment environment = flink.environment();
    CrossEncoderJob.build(environment, JobConfig.from(Configuration.fromMap(all)));
    JobClient job = environment.executeAsync(name);
    while (!flink.isRunning(job.getJobID())) {
      failIfEnded(job);
      Thread.sleep(50);
    }
    return job;
  }

  /**
   * Does nothing while a job runs.
   *
   * @throws CommandFailedException if the job has ended; the message has the reason
   */
  public static void failIfEnded(JobClient job) throws ExecutionException, InterruptedException {
    JobStatus status = job.getJobStatus().get();
    if (!status.isGloballyTerminalState()) {
      return;
    }
    try {
      job.getJobExecutionResult().get();
    } catch (ExecutionException e) {
      throw new CommandFailedException("The job has ended: " + rootCause(e), e);
    }
    throw new CommandFailedException("The job has ended with the status " + status);
  }

  private static Throwable rootCause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
