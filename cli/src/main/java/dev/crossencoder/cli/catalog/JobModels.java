package dev.crossencoder.cli.catalog;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.job.change.ChangeRequest;
import dev.crossencoder.job.change.ControlTopic;
import dev.crossencoder.job.change.ModelStatus;
import dev.crossencoder.job.options.JobArguments;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.JobOptions;
import dev.crossencoder.operator.ModelOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The models of a running job, which its control topic names. */
final class JobModels {
  private static final Duration POLL = Duration.ofMillis(500);

  /** After this time without an answer, a command says that it waits. */
  private static final Duration SILENCE = Duration.ofSeconds(15);

  @Option(
      names = "--job",
      required = true,
      paramLabel = "FILE",
      description = "The YAML file with the job's options, as the job has it with --config.")
  private Path file;

  /** Returns the names of the job's models. */
  Collection<String> names() {
    return ModelOptions.split(config().operator()).keySet();
  }

  private JobConfig config() {
    CommandSpec command = CommandSpec.create();
    JobArguments.addTo(command);
    CommandLine.ParseResult arguments =
        new CommandLine(command).parseArgs("--config", file.toString());
    JobConfig config = JobConfig.from(JobArguments.read(arguments));
    if (config.updates().controlTopic() == null) {
      throw new CommandFailedException(
          "The job %s has no control topic: %s has no %s. Set it and %s: topic, and submit the job again. A job that watches its models is changed where they are."
              .formatted(
                  config.jobName(),
                  file,
                  JobOptions.MODEL_CONTROL_TOPIC.key(),
                  JobOptions.MODEL_UPDATE.key()));
    }
    return config;
  }

  private ControlTopic topic() {
    JobConfig config = config();
    return new ControlTopic(config.kafkaProperties(), config.updates().controlTopic());
  }

  /**
   * Returns the last status of each model of the job, by its name.
   *
   * @throws CommandFailedException if the topic cannot be read, or the job has written nothing
   */
  Map<String, ModelStatus> statuses() {
    try (ControlTopic topic = topic()) {
      Map<String, ModelStatus> statuses = new TreeMap<>(topic.statuses());
      if (statuses.isEmpty()) {
        throw new CommandFailedException(
            "The job %s has not written to its control topic %s yet. Is it running?"
                .formatted(config().jobName(), config().updates().controlTopic()));
      }
      return statuses;
    } catch (KafkaException e) {
      throw new CommandFailedException(
          "Cannot read the control topic: %s".formatted(e.getMessage()), e);
    }
  }

  /**
   * Returns the status of a model.
   *
   * @param name the name; null for the only one
   */
  ModelStatus status(String name) {
    Map<String, ModelStatus> statuses = statuses();
    ModelStatus status = statuses.get(checked(name));
    if (status == null) {
      throw new CommandFailedException(
          "The job has not written about the model %s to its control topic yet. Is it running?"
              .formatted(show(name)));
    }
    return status;
  }

  /** Returns the name of a model of the job; null stands for the only one. */
  String checked(String name) {
    Collection<String> names = names();
    if (name == null && names.size() == 1) {
      return names.iterator().next();
    }
    if (name == null || !names.contains(name)) {
      throw new CommandFailedException(
          names.contains(ModelOptions.UNNAMED)
              ? "Invalid --name: %s. The job has one model, without a name: leave it out."
                  .formatted(name)
              : "Invalid --name: %s. The job has the models %s."
                  .formatted(name == null ? "missing" : name, String.join(", ", names)));
    }
    return name;
  }

  /**
   * Asks for a change.
   *
   * @param wait the longest time to wait until it has happened; zero to not wait
   * @param out receives what happens, one line after the other
   * @throws CommandFailedException if the model cannot be used, or in time
   */
  void change(ChangeRequest request, Duration wait, Consumer<String> out)
      throws InterruptedException {
    try (ControlTopic topic = topic()) {
      ModelStatus before = topic.statuses().get(request.name());
      topic.ask(request);
      out.accept("Asked the job %s for %s.".formatted(config().jobName(), request.model()));
      if (!wait.isZero()) {
        await(topic, request, before, wait, out);
      }
    } catch (KafkaException e) {
      throw new CommandFailedException(
          "Cannot use the control topic: %s".formatted(e.getMessage()), e);
    } catch (ExecutionException e) {
      throw new CommandFailedException(
          "Cannot write to the control topic: %s".formatted(e.getCause().getMessage()), e);
    }
  }

  private static void await(
      ControlTopic topic,
      ChangeRequest request,
      ModelStatus before,
      Duration wait,
      Consumer<String> out)
      throws InterruptedException {
    long start = System.nanoTime();
    boolean silent = false;
    ModelStatus last = before;
    while (System.nanoTime() - start < wait.toNanos()) {
      ModelStatus now = topic.statuses().get(request.name());
      if (now != null && !now.equals(last)) {
        last = now;
        out.accept(sentence(now));
        if (now.state() == ModelStatus.State.FAILED && isOf(now.candidate(), request)) {
          throw new CommandFailedException("The model is not used: " + now.message());
        }
        if (now.state() == ModelStatus.State.ACTIVE && isOf(now.active(), request)) {
          return;
        }
      }
      if (!silent
          && Objects.equals(last, before)
          && System.nanoTime() - start > SILENCE.toNanos()) {
        silent = true;
        out.accept("The job has not answered yet. Is it running?");
      }
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    }
    throw new CommandFailedException(
        "The job does not use the model yet, after %d s. Look again with 'cross-encoder models status'."
            .formatted(wait.toSeconds()));
  }

  private static boolean isOf(ModelStatus.Revision revision, ChangeRequest request) {
    return revision != null && revision.model().equals(request.model());
  }

  /** Says in one sentence what a status means. */
  static String sentence(ModelStatus status) {
    String of = status.name().isEmpty() ? "" : status.name() + ": ";
    return switch (status.state()) {
      case ACTIVE -> "%s%s is in use, version %d.".formatted(of, status.active(), status.version());
      case PREPARING -> "%s%s is being prepared.".formatted(of, status.candidate());
      case FAILED ->
          "%s%s cannot be used, %s goes on.".formatted(of, status.candidate(), status.active());
    };
  }

  /** Returns a table of statuses. */
  static List<List<String>> table(Collection<ModelStatus> statuses) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("name", "state", "version", "in use", "before", "wanted", "since"));
    for (ModelStatus status : statuses) {
      lines.add(
          List.of(
              show(status.name()),
              status.state().toString().toLowerCase(Locale.ROOT),
              String.valueOf(status.version()),
              show(status.active()),
              show(status.previous()),
              show(status.candidate()),
              status.time()));
    }
    return lines;
  }

  private static String show(String name) {
    return name == null || name.isEmpty() ? "(only)" : name;
  }

  private static String show(ModelStatus.Revision revision) {
    return revision == null ? "-" : revision.toString();
  }
}
