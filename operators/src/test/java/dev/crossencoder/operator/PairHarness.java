package dev.crossencoder.operator;

import java.util.List;
import java.util.SortedMap;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import org.apache.flink.streaming.api.operators.async.AsyncWaitOperatorFactory;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** Opens the asynchronous operator of a function that scores the pairs of strings, in order. */
final class PairHarness {
  private PairHarness() {}

  /**
   * Opens an operator.
   *
   * @param created receives the operator before it is opened; the caller closes it
   * @param failures receives what fails the task from another thread
   * @param checkpoint what the operator is restored from; none for a new one
   */
  static OneInputStreamOperatorTestHarness<String, Scored<String>> open(
      PairSelector<String> selector,
      Configuration options,
      ModelRegistry registry,
      List<? super OneInputStreamOperatorTestHarness<String, Scored<String>>> created,
      List<Throwable> failures,
      OperatorSubtaskState... checkpoint)
      throws Exception {
    return open(
        selector,
        Routing.fixed(null),
        OutputMode.ORDERED,
        options,
        registry,
        new RecordedCounters(),
        created,
        failures,
        checkpoint);
  }

  /**
   * Opens an operator of several models, as the method above.
   *
   * @param routing how records choose among the models
   * @param counters has the counters of the operator
   */
  static OneInputStreamOperatorTestHarness<String, Scored<String>> open(
      PairSelector<String> selector,
      Routing<String> routing,
      OutputMode mode,
      Configuration options,
      ModelRegistry registry,
      RecordedCounters counters,
      List<? super OneInputStreamOperatorTestHarness<String, Scored<String>>> created,
      List<Throwable> failures,
      OperatorSubtaskState... checkpoint)
      throws Exception {
    SortedMap<String, ReadableConfig> models = ModelOptions.split(options);
    ModelsConfig config =
        ModelsConfig.of(
            ModelOptions.map(models, (name, each) -> ScoringConfig.from(each)), options);
    AsyncWaitOperatorFactory<String, Scored<String>> factory =
        new AsyncWaitOperatorFactory<>(
            new CrossEncoderFunction<>(
                ModelOptions.map(models, (name, each) -> shape(selector, each)),
                config,
                routing,
                () -> registry),
            config.task().timeout().toMillis(),
            config.task().capacity(),
            mode);
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness =
        new OneInputStreamOperatorTestHarness<>(
            factory, StringSerializer.INSTANCE, counters.environment());
    created.add(harness);
    harness.getEnvironment().setExternalFailureCauseConsumer(failures::add);
    harness.setup(
        Scored.typeInformation(Types.STRING).createSerializer(new SerializerConfigImpl()));
    for (OperatorSubtaskState state : checkpoint) {
      harness.initializeState(state);
    }
    harness.open();
    return harness;
  }

  private static RecordShape<String, Scored<String>> shape(
      PairSelector<String> selector, ReadableConfig options) {
    return new PairShape<>(
        selector, RankConfig.from(options).options().minScore(), LabelThresholds.from(options));
  }
}
