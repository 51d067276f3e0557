package dev.crossencoder.job.change;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.job.change.ModelStatus.State;
import dev.crossencoder.job.options.JobOptions.MissingModel;
import dev.crossencoder.job.options.JobOptions.ModelUpdate;
import dev.crossencoder.job.options.UpdateConfig;
import dev.crossencoder.operator.change.ModelRevision;
import dev.crossencoder.operator.change.ModelTag;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The two steps of a change, with two subtasks and a clock that stands still. */
class ChangeCoordinatorTest {
  private static final Duration PREPARE_TIMEOUT = Duration.ofMinutes(10);
  private static final UpdateConfig UPDATES =
      new UpdateConfig(
          ModelUpdate.TOPIC, "control", Duration.ofMinutes(1), PREPARE_TIMEOUT, MissingModel.FAIL);
  private static final String A = digest('a');
  private static final String B = digest('b');
  private static final String C = digest('c');

  private final FakeSubtasks subtasks = new FakeSubtasks();
  private final FakeListener listener = new FakeListener();
  private final FakeClock clock = new FakeClock();
  private ChangeCoordinator coordinator = coordinator(ChangeState.EMPTY, Map.of("", "one"));
  private long offset;

  private static String digest(char digit) {
    return "sha256:" + String.valueOf(digit).repeat(64);
  }

  /** What is sent to the subtasks, as text. */
  private static final class FakeSubtasks implements ChangeCoordinator.Subtasks {
    private final Set<Integer> registered = new TreeSet<>();
    private final List<String> sent = new ArrayList<>();
    private long change;

    @Override
    public int count() {
      return 2;
    }

    @Override
    public Set<Integer> registered() {
      return registered;
    }

    @Override
    public void send(int subtask, ChangeEvent event) {
      if (event instanceof ChangeEvent.Prepare prepare) {
        change = prepare.change();
        sent.add("%d prepare %s".formatted(subtask, prepare.wanted().model()));
      } else if (event instanceof ChangeEvent.Use use) {
        ModelTag tag = ModelTag.parse(use.tag());
        sent.add(
            "%d use %d %s"
                .formatted(
                    subtask,
                    tag.version(),
                    tag.models().values().stream()
                        .map(entry -> entry.revision().model())
                        .toList()));
      } else if (event instanceof ChangeEvent.Discard discard) {
        sent.add("%d discard %s".formatted(subtask, discard.digest().charAt(7)));
      }
    }

    /** Returns what was sent since the last call. */
    List<String> taken() {
      List<String> taken = List.copyOf(sent);
      sent.clear();
      return taken;
    }
  }

  private static final class FakeListener implements ChangeCoordinator.Listener {
    private final List<ModelStatus> statuses = new ArrayList<>();
    private int changes;
    private int failures;
    private int refusals;

    @Override
    public void status(ModelStatus status) {
      statuses.add(status);
    }

    @Override
    public void changed() {
      changes++;
    }

    @Override
    public void failed() {
      failures++;
    }

    @Override
    public void messageRefused() {
      refusals++;
    }

    ModelStatus last() {
      return statuses.get(statuses.size() - 1);
    }
  }

  private static final class FakeClock extends Clock {
    private Instant now = Instant.parse("2026-01-31T00:00:00Z");

    void advance(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private ChangeCoordinator coordinator(ChangeState state, Map<String, String> models) {
    Map<String, ModelRevision> options = new TreeMap<>();
    models.forEach((name, model) -> options.put(name, ModelRevision.wanted(model, null)));
    return new ChangeCoordinator("job", options, UPDATES, state, subtasks, listener, clock);
  }

  private void register(int subtask) {
    subtasks.registered.add(subtask);
    coordinator.readerAdded(subtask);
  }

  private void ask(String message) {
    ask("", message);
  }

  private void ask(String key, String message) {
    coordinator.received(
        List.of(
            new ControlRecord(0, offset++, bytes(key), message == null ? null : bytes(message))));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void ready(int subtask, String model, String digest) {
    coordinator.reported(
        subtask,
        new ChangeEvent.Prepared(
            subtasks.change, new ModelRevision(model, digest, "/folder"), null));
  }

  private void allReady(String model, String digest) {
    ready(0, model, digest);
    ready(1, model, digest);
  }

  /** Both subtasks run, and the model of the options is pinned. */
  private void begin() {
    register(0);
    register(1);
    allReady("one", A);
    subtasks.taken();
    listener.statuses.clear();
  }

  @Test
  void theModelOfTheOptionsIsPinnedAtTheStart() {
    register(0);
    register(1);

    // Before it is pinned, records are not tagged.
    assertThat(subtasks.taken())
        .containsExactly("0 use 0 []", "0 prepare one", "1 use 0 []", "1 prepare one");
    ready(0, "one", A);
    assertThat(subtasks.taken()).isEmpty();
    ready(1, "one", A);
    assertThat(subtasks.taken()).containsExactly("0 use 1 [one]", "1 use 1 [one]");
    assertThat(listener.last().state()).isEqualTo(State.ACTIVE);
    assertThat(listener.last().active()).isEqualTo(new ModelStatus.Revision("one", A));
    assertThat(listener.changes).isZero();
  }

  @Test
  void aModelIsUsedWhenAllAreReady() {
    begin();

    ask("{\"model\":\"two\"}");
    assertThat(subtasks.taken()).containsExactly("0 prepare two", "1 prepare two");
    assertThat(listener.last().state()).isEqualTo(State.PREPARING);
    ready(1, "two", B);
    coordinator.tick();
    assertThat(subtasks.taken()).isEmpty();
    ready(0, "two", B);

    assertThat(subtasks.taken()).containsExactly("0 use 2 [two]", "1 use 2 [two]");
    assertThat(listener.last())
        .isEqualTo(
            new ModelStatus(
                "job",
                "",
                State.ACTIVE,
                2,
                new ModelStatus.Revision("two", B),
                new ModelStatus.Revision("one", A),
                null,
                2,
                2,
                null,
                "2026-01-31T00:00:00Z"));
    assertThat(listener.changes).isOne();
  }

  @Test
  void oneFailureIsEnoughToKeepTheOldModel() {
    begin();
    ask("{\"model\":\"two\"}");
    subtasks.taken();
    ready(0, "two", B);

    coordinator.reported(1, new ChangeEvent.Prepared(subtasks.change, null, "It is damaged."));

    assertThat(subtasks.taken()).containsExactly("0 discard b", "1 discard b");
    assertThat(listener.last().state()).isEqualTo(State.FAILED);
    assertThat(listener.last().message()).isEqualTo("Subtask 1: It is damaged.");
    assertThat(listener.last().active()).isEqualTo(new ModelStatus.Revision("one", A));
    assertThat(listener.failures).isOne();
    assertThat(coordinator.state().tag().version()).isOne();
  }

  @Test
  void subtasksMustFindTheSameBundle() {
    begin();
    ask("{\"model\":\"two\"}");
    ready(0, "two", B);
    ready(1, "two", C);

    assertThat(listener.last().state()).isEqualTo(State.FAILED);
    assertThat(listener.last().message()).startsWith("The subtasks have found different bundles");
    assertThat(subtasks.taken())
        .contains("0 discard b", "0 discard c", "1 discard b", "1 discard c");
  }

  @Test
  void aModelThatIsNotReadyInTimeIsNotUsed() {
    begin();
    ask("{\"model\":\"two\"}");
    ready(0, "two", B);

    clock.advance(PREPARE_TIMEOUT.plusSeconds(1));
    coordinator.tick();

    assertThat(listener.last().message()).isEqualTo("1 of 2 subtasks were ready within PT10M.");
    // It comes too late.
    subtasks.taken();
    ready(1, "two", B);
    assertThat(subtasks.taken()).containsExactly("1 discard b");
  }

  @Test
  void aSubtaskThatStartsAgainPreparesAgain() {
    begin();
    ask("{\"model\":\"two\"}");
    ready(0, "two", B);
    subtasks.taken();

    register(0);
    assertThat(subtasks.taken()).containsExactly("0 use 1 [one]", "0 prepare two");
    ready(1, "two", B);
    assertThat(subtasks.taken()).as("0 is not ready").isEmpty();
    ready(0, "two", B);
    assertThat(subtasks.taken()).containsExactly("0 use 2 [two]", "1 use 2 [two]");
  }

  @Test
  void aSubtaskThatIsAwayIsWaitedFor() {
    begin();
    ask("{\"model\":\"two\"}");
    ready(0, "two", B);
    subtasks.registered.remove(1);
    subtasks.taken();

    ready(1, "two", B);
    assertThat(subtasks.taken()).isEmpty();
    register(1);
    ready(1, "two", B);
    assertThat(subtasks.taken()).contains("1 use 2 [two]");
  }

  @Test
  void aLaterWishReplacesTheOneThatIsBeingPrepared() {
    begin();
    ask("{\"model\":\"two\"}");
    ready(0, "two", B);
    long late = subtasks.change;
    subtasks.taken();

    ask("{\"model\":\"three\"}");

    assertThat(subtasks.taken())
        .containsExactly("0 discard b", "1 discard b", "0 prepare three", "1 prepare three");
    coordinator.reported(
        1, new ChangeEvent.Prepared(late, new ModelRevision("two", B, null), null));
    assertThat(subtasks.taken()).containsExactly("1 discard b");
    allReady("three", C);
    assertThat(subtasks.taken()).containsExactly("0 use 2 [three]", "1 use 2 [three]");
  }

  @Test
  void aModelWithATimeWaitsForIt() {
    begin();
    ask("{\"model\":\"two\",\"from\":\"2026-01-31T01:00:00Z\"}");
    coordinator.tick();
    assertThat(subtasks.taken()).isEmpty();

    clock.advance(Duration.ofMinutes(59));
    coordinator.tick();
    assertThat(subtasks.taken()).containsExactly("0 prepare two", "1 prepare two");
    allReady("two", B);
    assertThat(subtasks.taken()).isEmpty();
    clock.advance(Duration.ofMinutes(1));
    coordinator.tick();
    assertThat(subtasks.taken()).containsExactly("0 use 2 [two]", "1 use 2 [two]");
  }

  @Test
  void aMessageWithoutAValueLeadsBackToTheOptions() {
    begin();
    ask("{\"model\":\"two\"}");
    allReady("two", B);
    subtasks.taken();

    ask(null);
    allReady("one", A);

    assertThat(subtasks.taken())
        .containsExactly("0 prepare one", "1 prepare one", "0 use 3 [one]", "1 use 3 [one]");
  }

  @Test
  void theModelInUseIsNoChange() {
    begin();
    ask("{\"model\":\"one\"}");
    allReady("one", A);

    assertThat(subtasks.taken())
        .containsExactly("0 prepare one", "1 prepare one", "0 discard a", "1 discard a");
    assertThat(listener.last().state()).isEqualTo(State.ACTIVE);
    assertThat(listener.last().version()).isOne();
  }

  @Test
  void garbageIsCountedAndOthersAreServed() {
    begin();
    ask("{");
    ask("[]");
    ask("{}");
    ask("{\"model\":7}");
    ask("{\"model\":\"two\",\"digest\":\"00\"}");
    ask("{\"model\":\"two\",\"from\":\"noon\"}");
    ask("{\"model\":\"two\",\"from\":\"-1000000000-01-01T00:00:00Z\"}");
    ask("{\"model\":\"two\",\"name\":\"en\"}");
    ask("{\"model\":\"two\",\"modle\":\"two\"}");
    ask("en", "{\"model\":\"two\"}");
    ask("status/", "anything");

    assertThat(listener.refusals).isEqualTo(10);
    assertThat(subtasks.taken()).isEmpty();
    assertThat(coordinator.positions()).containsExactly(Map.entry(0, 11L));
    ask("{\"model\":\"two\"}");
    assertThat(subtasks.taken()).containsExactly("0 prepare two", "1 prepare two");
  }

  @Test
  void whatIsAskedForAndNotDoneIsInTheState() throws Exception {
    begin();
    ask("{\"model\":\"two\"}");
    allReady("two", B);
    ask("{\"model\":\"three\",\"digest\":\"%s\"}".formatted(C));

    ChangeState state = ChangeState.parse(coordinator.state().bytes());

    assertThat(state).isEqualTo(coordinator.state());
    assertThat(state.waiting()).containsExactly(new ChangeRequest("", "three", C, null));
    assertThat(state.positions()).containsExactly(Map.entry(0, 2L));
    subtasks.registered.clear();
    subtasks.taken();
    coordinator = coordinator(state, Map.of("", "one"));
    register(0);
    register(1);
    assertThat(subtasks.taken())
        .containsExactly("0 use 2 [two]", "0 prepare three", "1 use 2 [two]", "1 prepare three");
  }

  /** The model of the options may be another one since; versions go on. */
  @Test
  void aPinnedModelOfTheOptionsIsFoundAgainAfterARestart() {
    begin();
    ChangeState state = coordinator.state();
    subtasks.registered.clear();

    coordinator = coordinator(state, Map.of("", "one"));
    register(0);
    register(1);

    assertThat(subtasks.taken())
        .containsExactly("0 use 1 [one]", "0 prepare one", "1 use 1 [one]", "1 prepare one");
    allReady("one", B);
    assertThat(subtasks.taken()).containsExactly("0 use 2 [one]", "1 use 2 [one]");
  }

  @Test
  void anotherModelInTheOptionsCountsMoreThanAnEarlierChange() {
    begin();
    ask("{\"model\":\"two\"}");
    allReady("two", B);
    ChangeState state = coordinator.state();
    subtasks.registered.clear();
    subtasks.taken();

    coordinator = coordinator(state, Map.of("", "three"));
    register(0);

    assertThat(subtasks.taken()).containsExactly("0 use 3 []", "0 prepare three");
  }

  @Test
  void theWayBackToTheOptionsIsInTheState() throws Exception {
    begin();
    ask("{\"model\":\"two\"}");
    allReady("two", B);
    ask(null);

    ChangeState state = ChangeState.parse(coordinator.state().bytes());

    assertThat(state.waiting()).containsExactly(ChangeRequest.ofOptions(""));
  }

  @Test
  void aModelThatCouldNotBePinnedIsAskedForAgain() {
    register(0);
    register(1);
    coordinator.reported(0, new ChangeEvent.Prepared(subtasks.change, null, "No room."));
    subtasks.taken();
    coordinator.tick();
    assertThat(subtasks.taken()).isEmpty();

    clock.advance(Duration.ofSeconds(61));
    coordinator.tick();

    assertThat(subtasks.taken()).containsExactly("0 prepare one", "1 prepare one");
    allReady("one", A);
    assertThat(subtasks.taken()).containsExactly("0 use 1 [one]", "1 use 1 [one]");
    clock.advance(Duration.ofHours(1));
    coordinator.tick();
    assertThat(subtasks.taken()).isEmpty();
  }

  @Test
  void whatIsWantedAgainIsNotDiscardedByALateReport() {
    begin();
    ask("{\"model\":\"two\"}");
    long late = subtasks.change;
    ask("{\"model\":\"two\"}");
    subtasks.taken();

    coordinator.reported(
        0, new ChangeEvent.Prepared(late, new ModelRevision("two", B, null), null));

    assertThat(subtasks.taken()).isEmpty();
  }

  @Test
  void severalModelsChangeOneAfterTheOther() {
    coordinator = coordinator(ChangeState.EMPTY, Map.of("de", "one", "en", "two"));
    register(0);
    register(1);
    subtasks.taken();
    allReady("one", A);
    assertThat(subtasks.taken())
        .containsExactly("0 use 1 [one]", "1 use 1 [one]", "0 prepare two", "1 prepare two");
    allReady("two", B);
    assertThat(subtasks.taken()).containsExactly("0 use 2 [one, two]", "1 use 2 [one, two]");
  }

  @Test
  void aWatchedModelThatCannotBeUsedIsTriedAgainLater() {
    begin();
    ChangeEvent.Seen seen = new ChangeEvent.Seen("", new ModelRevision("one", B, null));
    coordinator.seen(new ChangeEvent.Seen("", new ModelRevision("one", A, null)));
    assertThat(subtasks.taken()).as("it is in use").isEmpty();

    coordinator.seen(seen);
    assertThat(subtasks.taken()).containsExactly("0 prepare one", "1 prepare one");
    coordinator.reported(0, new ChangeEvent.Prepared(subtasks.change, null, "Damaged."));
    coordinator.seen(seen);
    assertThat(subtasks.taken()).isEmpty();

    clock.advance(Duration.ofSeconds(61));
    coordinator.seen(seen);
    assertThat(subtasks.taken()).containsExactly("0 prepare one", "1 prepare one");
    coordinator.reported(0, new ChangeEvent.Prepared(subtasks.change, null, "Damaged."));
    clock.advance(Duration.ofSeconds(61));
    coordinator.seen(seen);
    assertThat(subtasks.taken()).as("the pause has doubled").isEmpty();

    coordinator.seen(new ChangeEvent.Seen("", new ModelRevision("one", C, null)));
    assertThat(subtasks.taken()).containsExactly("0 prepare one", "1 prepare one");
  }
}
