package dev.crossencoder.job.change;

import dev.crossencoder.job.options.UpdateConfig;
import dev.crossencoder.operator.change.ModelRevision;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.metrics.Counter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects the {@link ChangeCoordinator} with the enumerator's context and the {@link
 * ControlTopic}. Owned by the coordinator thread.
 */
@Internal
public final class LiveChanges implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LiveChanges.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Duration LOG_INTERVAL = Duration.ofMinutes(1);

  private final SplitEnumeratorContext<?> context;
  private final ChangeCoordinator coordinator;

  /** Null if the models are watched. */
  private final ControlTopic topic;

  private long lastLogged = System.nanoTime() - LOG_INTERVAL.toNanos();

  private LiveChanges(
      SplitEnumeratorContext<?> context, LiveConfig config, Properties kafka, ChangeState state) {
    this.context = context;
    UpdateConfig updates = config.updates();
    this.topic =
        updates.controlTopic() == null ? null : new ControlTopic(kafka, updates.controlTopic());
    Map<String, ModelRevision> options = new HashMap<>();
    config
        .models()
        .forEach(
            (name, model) ->
                options.put(name, ModelRevision.wanted(model.model(), model.digest())));
    this.coordinator =
        new ChangeCoordinator(
            config.job(),
            options,
            updates,
            state,
            new Subtasks(),
            new Listener(),
            Clock.systemUTC());
  }

  /**
   * Creates the changes of a run.
   *
   * @param kafka the options of Kafka's clients
   * @param state the state of an earlier run; null without one
   */
  public static LiveChanges of(
      SplitEnumeratorContext<?> context, LiveConfig config, Properties kafka, ChangeState state) {
    return new LiveChanges(context, config, kafka, state == null ? ChangeState.EMPTY : state);
  }

  /** Begins to look for changes. */
  public void start() {
    context.callAsync(this::poll, this::polled, 0, PERIOD.toMillis());
  }

  private List<ControlRecord> poll() {
    return topic == null ? List.of() : topic.poll(coordinator.positions());
  }

  private void polled(List<ControlRecord> records, Throwable failure) {
    if (failure == null) {
      coordinator.received(records);
    } else if (System.nanoTime() - lastLogged >= LOG_INTERVAL.toNanos()) {
      lastLogged = System.nanoTime();
      LOG.warn(
          "Cannot read the control topic; models do not change until it can be read: {} This is logged once a minute at most.",
          failure.toString());
    }
    coordinator.tick();
  }

  /** A subtask has started. */
  public void readerAdded(int subtask) {
    coordinator.readerAdded(subtask);
  }

  /** Takes what a subtask has sent. */
  public void handle(int subtask, ChangeEvent event) {
    if (event instanceof ChangeEvent.Prepared report) {
      coordinator.reported(subtask, report);
    } else if (event instanceof ChangeEvent.Seen seen) {
      coordinator.seen(seen);
    }
  }

  /** Returns what a checkpoint has to contain. */
  public ChangeState state() {
    return coordinator.state();
  }

  @Override
  public void close() {
    if (topic != null) {
      topic.close();
    }
  }

  private final class Subtasks implements ChangeCoordinator.Subtasks {
    @Override
    public int count() {
      return context.currentParallelism();
    }

    @Override
    public Set<Integer> registered() {
      return Set.copyOf(context.registeredReaders().keySet());
    }

    @Override
    public void send(int subtask, ChangeEvent event) {
      context.sendEventToSourceReader(subtask, event);
    }
  }

  private final class Listener implements ChangeCoordinator.Listener {
    private final Counter changes = context.metricGroup().counter("modelChanges");
    private final Counter failures = context.metricGroup().counter("modelChangesFailed");
    private final Counter refusals = context.metricGroup().counter("controlMessagesRefused");

    @Override
    public void status(ModelStatus status) {
      if (topic != null) {
        context.callAsync(
            () -> {
              topic.write(status);
              return null;
            },
            (nothing, failure) -> {
              if (failure != null) {
                LOG.warn(
                    "Cannot write the status of a model to the control topic: {}",
                    failure.toString());
              }
            });
      }
    }

    @Override
    public void changed() {
      changes.inc();
    }

    @Override
    public void failed() {
      failures.inc();
    }

    @Override
    public void messageRefused() {
      refusals.inc();
    }
  }
}
