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
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.apache.flink.runtime.metrics.scope.ScopeFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects the {@link ChangeCoordinator} with the enumerator's context and the {@link
 * ControlTopic}. Owned by the coordinator thread.
 */
@Internal
public final class LiveChanges implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LiveChanges.class);

  /**
   * The counters by job and name. If the enumerator is created again in the same JobManager, Flink
   * keeps the metric that was registered first.
   */
  private static final Map<String, Counter> COUNTERS = new ConcurrentHashMap<>();

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
      safely(() -> coordinator.received(records));
    } else if (System.nanoTime() - lastLogged >= LOG_INTERVAL.toNanos()) {
      lastLogged = System.nanoTime();
      LOG.warn(
          "Cannot read the control topic; models do not change until it can be read: {} This is logged once a minute at most.",
          failure.toString());
    }
    safely(coordinator::tick);
  }

  /** An exception that leaves an enumerator fails the job, and a change must not do that. */
  private static void safely(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.error("A change of a model has failed because of a bug; the job goes on", e);
    }
  }

  /** A subtask has started. */
  public void readerAdded(int subtask) {
    coordinator.readerAdded(subtask);
  }

  /** Takes what a subtask has sent. */
  public void handle(int subtask, ChangeEvent event) {
    if (event instanceof ChangeEvent.Prepared report) {
      safely(() -> coordinator.reported(subtask, report));
    } else if (event instanceof ChangeEvent.Seen seen) {
      safely(() -> coordinator.seen(seen));
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
      // It may have failed since it sent what this answers; sending would then fail the job.
      if (context.registeredReaders().containsKey(subtask)) {
        context.sendEventToSourceReader(subtask, event);
      }
    }
  }

  private final class Listener implements ChangeCoordinator.Listener {
    private final Counter changes = counter("modelChanges");
    private final Counter failures = counter("modelChangesFailed");
    private final Counter refusals = counter("controlMessagesRefused");

    private Counter counter(String name) {
      MetricGroup group = context.metricGroup();
      String job = group.getAllVariables().getOrDefault(ScopeFormat.SCOPE_JOB_ID, "");
      return group.counter(
          name, COUNTERS.computeIfAbsent(job + name, unused -> new ThreadSafeSimpleCounter()));
    }

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
