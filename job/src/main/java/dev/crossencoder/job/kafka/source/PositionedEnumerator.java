package dev.crossencoder.job.kafka.source;

import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connector's enumerator, with changes that let it continue from the state of any earlier run:
 *
 * <ul>
 *   <li>A bounded run also ends if it was restored. The connector tells its readers that there are
 *       no more splits only when it has found a new partition.
 *   <li>Partitions that an earlier run had read to its stopping offset are in no reader's state any
 *       more. They are continued from there.
 *   <li>Partitions that are found later are read from their first offset, not from the earliest
 *       existing one, so that {@link PositionGuard} notices deleted records.
 * </ul>
 *
 * <p>Owned by the coordinator thread.
 */
final class PositionedEnumerator
    implements SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> {
  private static final Logger LOG = LoggerFactory.getLogger(PositionedEnumerator.class);

  private final SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> enumerator;
  private final SplitEnumeratorContext<KafkaPartitionSplit> context;
  private final StoppingOffsets stops;

  /**
   * The splits of an earlier run with its stopping offsets, until it is known which of them the
   * readers have.
   */
  private final Map<TopicPartition, KafkaPartitionSplit> unsettled = new HashMap<>();

  /** The partitions with which readers were restored, by subtask. */
  private final Map<Integer, Set<TopicPartition>> reports = new HashMap<>();

  /**
   * The partitions of the first discovery, whose positions follow from the options; null before it.
   */
  private Set<TopicPartition> first;

  private int lookUps;
  private boolean discovered;

  /** Creates the connector's enumerator with a context. */
  @FunctionalInterface
  interface Connector {
    SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> create(
        SplitEnumeratorContext<KafkaPartitionSplit> context) throws IOException;
  }

  private PositionedEnumerator(
      SplitEnumeratorContext<KafkaPartitionSplit> context,
      StoppingOffsets stops,
      Connector connector)
      throws IOException {
    this.context = context;
    this.stops = stops;
    enumerator = connector.create(new Context(context));
  }

  /** Creates the enumerator of a run without state. */
  static PositionedEnumerator create(
      SplitEnumeratorContext<KafkaPartitionSplit> context,
      StoppingOffsets stops,
      Connector connector)
      throws IOException {
    return new PositionedEnumerator(context, stops, connector);
  }

  /**
   * Creates the enumerator of a restored run.
   *
   * @param connector creates the connector's enumerator from a state
   */
  static PositionedEnumerator restore(
      SplitEnumeratorContext<KafkaPartitionSplit> context,
      StoppingOffsets stops,
      KafkaSourceEnumState state,
      Function<KafkaSourceEnumState, Connector> connector)
      throws IOException {
    KafkaSourceEnumState own =
        new KafkaSourceEnumState(
            state.assignedSplits().stream().map(stops::stop).toList(),
            state.unassignedSplits().stream().map(stops::stop).toList(),
            state.initialDiscoveryFinished());
    PositionedEnumerator enumerator =
        new PositionedEnumerator(context, stops, connector.apply(own));
    for (KafkaPartitionSplit split : state.assignedSplits()) {
      if (split.getStoppingOffset().isPresent() && !stops.stop(split).equals(split)) {
        enumerator.unsettled.put(split.getTopicPartition(), split);
      }
    }
    if (state.initialDiscoveryFinished()) {
      enumerator.first = partitions(state);
    }
    return enumerator;
  }

  @Override
  public void start() {
    enumerator.start();
  }

  @Override
  public void handleSplitRequest(int subtask, String host) {
    enumerator.handleSplitRequest(subtask, host);
  }

  @Override
  public void addSplitsBack(List<KafkaPartitionSplit> splits, int subtask) {
    enumerator.addSplitsBack(splits, subtask);
  }

  @Override
  public void addReader(int subtask) {
    enumerator.addReader(subtask);
    endWhenComplete();
  }

  @Override
  public void handleSourceEvent(int subtask, SourceEvent event) {
    if (event instanceof RestoredPartitions report && !unsettled.isEmpty()) {
      reports.put(subtask, report.partitions());
      if (reports.size() == context.currentParallelism()) {
        settle();
        endWhenComplete();
      }
    }
  }

  @Override
  public KafkaSourceEnumState snapshotState(long checkpointId) throws Exception {
    KafkaSourceEnumState state = enumerator.snapshotState(checkpointId);
    if (unsettled.isEmpty()) {
      return state;
    }
    return new KafkaSourceEnumState(
        state.assignedSplits().stream()
            .map(split -> unsettled.getOrDefault(split.getTopicPartition(), split))
            .toList(),
        state.unassignedSplits(),
        state.initialDiscoveryFinished());
  }

  @Override
  public void close() throws IOException {
    enumerator.close();
  }

  /** Continues the partitions that an earlier run had finished. */
  private void settle() {
    reports.values().forEach(unsettled.keySet()::removeAll);
    List<KafkaPartitionSplit> finished =
        unsettled.values().stream().map(PositionedEnumerator::afterStop).map(stops::stop).toList();
    unsettled.clear();
    if (finished.isEmpty()) {
      return;
    }
    LOG.info("Continuing where an earlier run ended: {}", finished);
    enumerator.addSplitsBack(finished, 0);
    Set.copyOf(context.registeredReaders().keySet()).forEach(enumerator::addReader);
  }

  private static KafkaPartitionSplit afterStop(KafkaPartitionSplit split) {
    long stop = split.getStoppingOffset().orElseThrow();
    if (stop < 0) {
      throw new SuppressRestartsException(
          new IOException(
              "Cannot continue in partition %s: an older release had read it to the group's offset, and did not store that offset. Start without the savepoint."
                  .formatted(split.getTopicPartition())));
    }
    return new KafkaPartitionSplit(split.getTopicPartition(), stop);
  }

  private void endWhenComplete() {
    if (stops.bounded() && discovered && unsettled.isEmpty()) {
      context.registeredReaders().keySet().forEach(context::signalNoMoreSplits);
    }
  }

  private void lookedUp() {
    lookUps--;
    if (lookUps > 0) {
      return;
    }
    discovered = true;
    if (first == null) {
      try {
        first = partitions(enumerator.snapshotState(-1));
      } catch (Exception e) {
        throw new IllegalStateException("Cannot list the partitions that were found", e);
      }
    }
    endWhenComplete();
  }

  private static Set<TopicPartition> partitions(KafkaSourceEnumState state) {
    return Stream.of(state.assignedSplits(), state.unassignedSplits())
        .flatMap(Collection::stream)
        .map(KafkaPartitionSplit::getTopicPartition)
        .collect(Collectors.toCollection(HashSet::new));
  }

  private KafkaPartitionSplit fromItsBeginning(KafkaPartitionSplit split) {
    boolean foundLater = first != null && !first.contains(split.getTopicPartition());
    return foundLater && split.getStartingOffset() == KafkaPartitionSplit.EARLIEST_OFFSET
        ? new KafkaPartitionSplit(
            split.getTopicPartition(),
            0,
            split.getStoppingOffset().orElse(KafkaPartitionSplit.NO_STOPPING_OFFSET))
        : split;
  }

  /** The context of the connector's enumerator, through which all its actions pass. */
  private final class Context extends ForwardingEnumeratorContext {
    Context(SplitEnumeratorContext<KafkaPartitionSplit> context) {
      super(context);
    }

    @Override
    public void assignSplits(SplitsAssignment<KafkaPartitionSplit> assignment) {
      Map<Integer, List<KafkaPartitionSplit>> splits = new HashMap<>();
      assignment
          .assignment()
          .forEach(
              (subtask, assigned) ->
                  splits.put(
                      subtask,
                      assigned.stream().map(PositionedEnumerator.this::fromItsBeginning).toList()));
      super.assignSplits(new SplitsAssignment<>(splits));
    }

    /** The enumerator around decides. */
    @Override
    public void signalNoMoreSplits(int subtask) {}

    @Override
    public <T> void callAsync(Callable<T> callable, BiConsumer<T, Throwable> handler) {
      lookUps++;
      super.callAsync(
          callable,
          (result, failure) -> {
            handler.accept(result, failure);
            lookedUp();
          });
    }
  }
}
