package dev.crossencoder.job.change;

import dev.crossencoder.job.options.UpdateConfig;
import dev.crossencoder.operator.change.ModelRevision;
import dev.crossencoder.operator.change.ModelTag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes the models of a job in two steps. First all subtasks prepare a revision: they find,
 * check, load and try it, beside the models that score. When all are ready, all are told to use it,
 * and each gives the records that it emits from then on the new tag. If one cannot use the
 * revision, or not in time, nothing changes.
 *
 * <p>At the start of a job, and after it was restored, the models of the options are pinned by the
 * same steps: all subtasks must find the same bundle.
 *
 * <p>Flink makes sure that what is sent to a subtask before a checkpoint of this object arrives
 * there before that checkpoint. Therefore records of a partition that are in a checkpoint have at
 * most the version of the tag in the checkpoint of this object, and versions never go back within a
 * partition. Owned by one thread.
 */
final class ChangeCoordinator {
  private static final Logger LOG = LoggerFactory.getLogger(ChangeCoordinator.class);

  /** How long before its time a revision is prepared. */
  private static final Duration LEAD = Duration.ofMinutes(2);

  private static final Duration SHORTEST_BACK_OFF = Duration.ofMinutes(1);
  private static final Duration LONGEST_BACK_OFF = Duration.ofHours(1);

  private final String job;

  /** The models that the options name, by their names, with the digests that they must have. */
  private final Map<String, ModelRevision> options;

  private final Duration longestPreparation;
  private final Subtasks subtasks;
  private final Listener listener;
  private final Clock clock;

  private final Map<String, ModelStatus.Revision> previous;
  private final Map<Integer, Long> positions;

  /** What is asked for, by the name of the model; the first one is next. */
  private final Map<String, ChangeRequest> waiting = new LinkedHashMap<>();

  /** The revisions that were found by watching and could not be used. */
  private final Map<String, Refusal> refused = new HashMap<>();

  /** When models that could not be pinned are asked for again. */
  private final Map<String, Retry> retries = new HashMap<>();

  private ModelTag tag;

  /** Null if there is none. */
  private Change current;

  private long changes;

  /** The subtasks of the source. */
  interface Subtasks {
    int count();

    Set<Integer> registered();

    void send(int subtask, ChangeEvent event);
  }

  /** Is told what happens. */
  interface Listener {
    void status(ModelStatus status);

    void changed();

    void failed();

    void messageRefused();
  }

  /** A change that is being prepared. */
  private static final class Change {
    private final long number;
    private final ChangeRequest request;
    private final ModelRevision wanted;
    private final Instant deadline;
    private final Map<Integer, Optional<ModelRevision>> ready = new HashMap<>();

    private Change(long number, ChangeRequest request, ModelRevision wanted, Instant deadline) {
      this.number = number;
      this.request = request;
      this.wanted = wanted;
      this.deadline = deadline;
    }

    private List<String> digests() {
      return ready.values().stream()
          .flatMap(Optional::stream)
          .map(ModelRevision::digest)
          .distinct()
          .toList();
    }

    private Optional<ModelRevision> found() {
      return ready.values().stream().flatMap(Optional::stream).findFirst();
    }
  }

  /** When something is tried again. */
  private record Retry(Instant at, Duration backOff) {}

  /** A revision that could not be used, and when it is tried again. */
  private record Refusal(String digest, Instant until, Duration backOff) {}

  /**
   * Creates a coordinator.
   *
   * @param options the models that the options name, with the digests that they must have
   * @param state the state of an earlier run; {@link ChangeState#EMPTY} without one
   */
  ChangeCoordinator(
      String job,
      Map<String, ModelRevision> options,
      UpdateConfig config,
      ChangeState state,
      Subtasks subtasks,
      Listener listener,
      Clock clock) {
    this.job = job;
    this.options = new TreeMap<>(options);
    this.longestPreparation = config.prepareTimeout();
    this.subtasks = subtasks;
    this.listener = listener;
    this.clock = clock;
    this.previous = new HashMap<>(state.previous());
    this.positions = new HashMap<>(state.positions());
    SortedMap<String, String> models = new TreeMap<>();
    options.forEach((name, revision) -> models.put(name, revision.model()));
    ModelTag restored = state.tag().restored(models);
    // Others than before: records that were emitted already must not have a later version.
    this.tag = restored.equals(state.tag()) ? restored : restored.next();
    for (String name : this.options.keySet()) {
      if (isOfOptions(name)) {
        waiting.put(name, ChangeRequest.ofOptions(name));
      }
    }
    state.waiting().forEach(this::put);
  }

  /** Whether the options say which model scores: it is found again at each start. */
  private boolean isOfOptions(String name) {
    ModelTag.Entry entry = tag.models().get(name);
    return entry == null || entry.isOfOptions();
  }

  /** Returns the next offset of each partition of the control topic. */
  Map<Integer, Long> positions() {
    return Map.copyOf(positions);
  }

  /** Returns what a checkpoint has to contain. */
  ChangeState state() {
    List<ChangeRequest> open = new ArrayList<>();
    if (current != null) {
      open.add(current.request);
    }
    open.addAll(waiting.values());
    // These are asked for again at each start.
    open.removeIf(request -> request.model() == null && isOfOptions(request.name()));
    return new ChangeState(tag, previous, open, positions);
  }

  /** A subtask has started, perhaps again: what it had prepared is lost. */
  void readerAdded(int subtask) {
    subtasks.send(subtask, new ChangeEvent.Use(tag.version() == 0 ? null : tag.text()));
    if (current != null) {
      current.ready.remove(subtask);
      subtasks.send(
          subtask, new ChangeEvent.Prepare(current.number, current.request.name(), current.wanted));
    }
    proceed();
  }

  /** Takes what has arrived in the control topic. */
  void received(List<ControlRecord> records) {
    for (ControlRecord each : records) {
      positions.put(each.partition(), each.offset() + 1);
      if (ControlTopic.isStatus(each.key())) {
        continue;
      }
      try {
        ChangeRequest request = ChangeRequest.parse(each.key(), each.value());
        if (!options.containsKey(request.name())) {
          throw new IllegalArgumentException(
              "The job has no model of the name '%s'. Its names: %s."
                  .formatted(request.name(), String.join(", ", options.keySet())));
        }
        put(request);
      } catch (IllegalArgumentException e) {
        listener.messageRefused();
        LOG.warn(
            "The control message at partition {}, offset {} is ignored: {}",
            each.partition(),
            each.offset(),
            e.getMessage());
      }
    }
    proceed();
  }

  /** Takes a revision that was found by watching a model. */
  void seen(ChangeEvent.Seen seen) {
    String digest = seen.revision().digest();
    ModelRevision active = tag.revision(seen.name());
    Refusal refusal = refused.get(seen.name());
    boolean isKnown = active != null && digest.equals(active.digest());
    boolean isWanted =
        (current != null && isFor(current.request, seen)) || waiting.containsKey(seen.name());
    boolean isRefused =
        refusal != null
            && refusal.digest().equals(digest)
            && clock.instant().isBefore(refusal.until());
    if (!isKnown && !isWanted && !isRefused) {
      LOG.info("The model {} has changed: {}", seen.name(), seen.revision());
      put(ChangeRequest.of(seen.name(), seen.revision()));
      proceed();
    }
  }

  private static boolean isFor(ChangeRequest request, ChangeEvent.Seen seen) {
    return request.name().equals(seen.name());
  }

  /** Replaces what is asked for the same model. */
  private void put(ChangeRequest request) {
    if (!options.containsKey(request.name())) {
      return;
    }
    waiting.remove(request.name());
    waiting.put(request.name(), request);
    if (current != null && current.request.name().equals(request.name())) {
      LOG.info("The change to {} is given up for another one.", current.wanted);
      discard();
    }
  }

  /** Gives the current change up, and with it everything that was prepared for it. */
  private void discard() {
    String name = current.request.name();
    current.digests().forEach(digest -> sendAll(new ChangeEvent.Discard(name, digest)));
    current = null;
  }

  private void sendAll(ChangeEvent event) {
    subtasks.registered().forEach(subtask -> subtasks.send(subtask, event));
  }

  /** A subtask is ready, or cannot use the revision. */
  void reported(int subtask, ChangeEvent.Prepared report) {
    if (current == null || current.number != report.change()) {
      dropLate(subtask, report);
      return;
    }
    if (report.failure() != null) {
      fail("Subtask %d: %s".formatted(subtask, report.failure()));
      return;
    }
    current.ready.put(subtask, Optional.ofNullable(report.revision()));
    if (current.digests().size() > 1) {
      fail(
          "The subtasks have found different bundles: %s. Copy the same one to all TaskManagers."
              .formatted(current.digests()));
      return;
    }
    tick();
  }

  /** A subtask has prepared what is not wanted any more. */
  private void dropLate(int subtask, ChangeEvent.Prepared report) {
    ModelRevision late = report.revision();
    if (late != null && current != null && late.model().equals(current.wanted.model())) {
      // It is wanted again.
      return;
    }
    boolean isUsed =
        late != null
            && tag.models().values().stream()
                .anyMatch(entry -> entry.revision().digest().equals(late.digest()));
    if (late != null && !isUsed) {
      options
          .keySet()
          .forEach(name -> subtasks.send(subtask, new ChangeEvent.Discard(name, late.digest())));
    }
  }

  /** Does what is due. Called about once a second. */
  void tick() {
    retries.forEach(
        (name, retry) -> {
          boolean isDue = tag.revision(name) == null && clock.instant().isAfter(retry.at());
          boolean isAsked =
              waiting.containsKey(name) || (current != null && current.request.name().equals(name));
          if (isDue && !isAsked) {
            waiting.put(name, ChangeRequest.ofOptions(name));
          }
        });
    proceed();
    if (current == null) {
      return;
    }
    Instant now = clock.instant();
    int ready = current.ready.size();
    if (ready == subtasks.count() && subtasks.registered().size() == ready) {
      Instant from = current.request.from();
      if (from == null || !now.isBefore(from)) {
        activate();
      }
    } else if (now.isAfter(current.deadline)) {
      fail(
          "%d of %d subtasks were ready within %s."
              .formatted(ready, subtasks.count(), longestPreparation));
    }
  }

  /** Begins the next change, if there is one whose time has come. */
  private void proceed() {
    if (current != null) {
      return;
    }
    Instant now = clock.instant();
    Optional<ChangeRequest> next =
        waiting.values().stream()
            .filter(request -> request.from() == null || now.isAfter(request.from().minus(LEAD)))
            .findFirst();
    if (next.isEmpty()) {
      return;
    }
    ChangeRequest request = next.get();
    waiting.remove(request.name());
    ModelRevision wanted =
        request.model() == null
            ? options.get(request.name())
            : ModelRevision.wanted(request.model(), request.digest());
    current =
        new Change(
            ++changes, request, wanted, latest(now, request.from()).plus(longestPreparation));
    LOG.info("The model {} is being prepared{}.", wanted, named(request.name()));
    report(ModelStatus.State.PREPARING, null);
    sendAll(new ChangeEvent.Prepare(current.number, request.name(), wanted));
  }

  private static Instant latest(Instant one, Instant other) {
    return other == null || one.isAfter(other) ? one : other;
  }

  private static String named(String name) {
    return name.isEmpty() ? "" : " for " + name;
  }

  private void activate() {
    Optional<ModelRevision> found = current.found();
    if (found.isEmpty()) {
      fail("No task scores in any TaskManager that reads the input.");
      return;
    }
    String name = current.request.name();
    ModelRevision before = tag.revision(name);
    ModelRevision now = found.get();
    refused.remove(name);
    if (now.isSame(before)) {
      report(ModelStatus.State.ACTIVE, null);
      // It stays, because it is in use; it is no longer prepared for something else.
      discard();
      proceed();
      return;
    }
    tag = tag.with(name, new ModelTag.Entry(now, options.get(name).model()));
    boolean isChange = before != null && !before.digest().equals(now.digest());
    if (isChange) {
      previous.put(name, revision(before));
      listener.changed();
    }
    LOG.info(
        "Version {} of the job's models: {} scores{} from now on.",
        tag.version(),
        now,
        named(name));
    sendAll(new ChangeEvent.Use(tag.text()));
    report(ModelStatus.State.ACTIVE, null);
    current = null;
    proceed();
  }

  private void fail(String reason) {
    String name = current.request.name();
    ModelRevision active = tag.revision(name);
    LOG.error(
        "The model {} cannot be used{}, {} goes on. {}",
        current.wanted,
        named(name),
        active == null ? options.get(name) : active,
        reason);
    listener.failed();
    if (current.wanted.digest() != null) {
      refuse(name, current.wanted.digest());
    }
    if (current.request.model() == null && tag.revision(name) == null) {
      retryPin(name);
    }
    report(ModelStatus.State.FAILED, reason);
    discard();
    proceed();
  }

  /**
   * Until a model is pinned, its records have no tag, and each TaskManager may find another one.
   */
  private void retryPin(String name) {
    Retry last = retries.get(name);
    Duration backOff =
        last == null ? SHORTEST_BACK_OFF : min(last.backOff().multipliedBy(2), LONGEST_BACK_OFF);
    retries.put(name, new Retry(clock.instant().plus(backOff), backOff));
  }

  private void refuse(String name, String digest) {
    Refusal last = refused.get(name);
    Duration backOff =
        last != null && last.digest().equals(digest)
            ? min(last.backOff().multipliedBy(2), LONGEST_BACK_OFF)
            : SHORTEST_BACK_OFF;
    refused.put(name, new Refusal(digest, clock.instant().plus(backOff), backOff));
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private void report(ModelStatus.State state, String message) {
    String name = current.request.name();
    ModelRevision active = tag.revision(name);
    listener.status(
        new ModelStatus(
            job,
            name,
            state,
            tag.version(),
            active == null ? null : revision(active),
            previous.get(name),
            state == ModelStatus.State.ACTIVE ? null : revision(current.wanted),
            current.ready.size(),
            subtasks.count(),
            message,
            clock.instant().truncatedTo(ChronoUnit.SECONDS).toString()));
  }

  private static ModelStatus.Revision revision(ModelRevision revision) {
    return new ModelStatus.Revision(revision.model(), revision.digest());
  }
}
