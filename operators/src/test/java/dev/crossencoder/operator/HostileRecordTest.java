package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.repository.ModelRepository;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.GenericTypeInfo;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import org.apache.flink.streaming.api.functions.async.CollectionSupplier;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.operators.async.AsyncWaitOperatorFactory;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Records whose own methods fail: whatever they do, the operator neither stalls nor forgets them.
 */
@Timeout(60)
class HostileRecordTest {
  private static final long TIMEOUT_MILLIS = 10_000;
  private static final TypeInformation<Hostile> TYPE = new GenericTypeInfo<>(Hostile.class);

  /** The threads that asked a record for its name. */
  private static final Set<String> ASKED_BY = ConcurrentHashMap.newKeySet();

  private final FakeLoader loader = new FakeLoader();
  private final ModelRegistry registry =
      new ModelRegistry((model, precision) -> ModelRepository.shared().resolve(model), loader);
  private final List<Throwable> external = new ArrayList<>();
  private OneInputStreamOperatorTestHarness<Hostile, Scored<Hostile>> harness;
  private CrossEncoderFunction<Hostile, Scored<Hostile>> function;

  /** What a record does when it is asked for its name. */
  private enum Name {
    THROWS {
      @Override
      String of(Hostile record) {
        throw new IllegalStateException("secret of the record");
      }
    },
    OVERFLOWS {
      @Override
      String of(Hostile record) {
        return record.toString();
      }
    },
    IS_TOO_LARGE {
      @Override
      String of(Hostile record) {
        throw new OutOfMemoryError("Required length exceeds implementation limit");
      }
    },
    LACKS_A_CLASS {
      @Override
      String of(Hostile record) {
        throw new NoClassDefFoundError("some/Class");
      }
    },
    IS_LARGE {
      @Override
      String of(Hostile record) {
        return "x".repeat(10_000_000);
      }
    },
    IS_NULL {
      @Override
      String of(Hostile record) {
        return null;
      }
    };

    abstract String of(Hostile record);
  }

  /** A record whose {@code equals} and {@code hashCode} throw, too. */
  private static final class Hostile {
    private final Name name;

    private Hostile(Name name) {
      this.name = name;
    }

    @Override
    public boolean equals(Object other) {
      throw new IllegalStateException("equals");
    }

    @Override
    public int hashCode() {
      throw new IllegalStateException("hashCode");
    }

    @Override
    public String toString() {
      ASKED_BY.add(Thread.currentThread().getName());
      return name.of(this);
    }
  }

  @BeforeEach
  void forget() {
    ASKED_BY.clear();
  }

  @AfterEach
  void close() throws Exception {
    loader.model(0).letGo();
    harness.close();
  }

  @ParameterizedTest
  @EnumSource
  void itIsScored(Name name) throws Exception {
    Hostile record = new Hostile(name);
    open("fail");

    harness.processElement(record, 0L);
    harness.endInput();

    assertThat(harness.extractOutputValues()).singleElement().matches(scored -> !scored.failed());
    assertThat(ASKED_BY).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void anErrorOfTheEngineFailsTheTaskOnItsOwnThread(Name name) throws Exception {
    Hostile record = new Hostile(name);
    UnsatisfiedLinkError broken = new UnsatisfiedLinkError("no such symbol");
    open("fail");
    loader
        .model(0)
        .withForward(
            batch -> {
              throw broken;
            });

    harness.processElement(record, 0L);

    assertThatThrownBy(harness::endInput)
        .hasCause(broken)
        .message()
        .startsWith("Cannot score record ")
        .hasSizeLessThan(1_000)
        .doesNotContain("secret");
    assertThat(ASKED_BY).containsOnly(Thread.currentThread().getName());
    assertThat(external).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aTimeoutFailsTheTask(Name name) throws Exception {
    Hostile record = new Hostile(name);
    loader.holding();
    open("fail");
    harness.processElement(record, 0L);
    loader.model(0).awaitForwardPass();

    harness.setProcessingTime(TIMEOUT_MILLIS);

    assertThatThrownBy(harness::endInput)
        .rootCause()
        .isInstanceOf(TimeoutException.class)
        .message()
        .contains("was not scored within PT10S")
        .hasSizeLessThan(1_500)
        .doesNotContain("secret");
    assertThat(ASKED_BY).containsOnly(Thread.currentThread().getName());
  }

  @ParameterizedTest
  @EnumSource
  void aTimeoutBecomesAFailureIfThatIsWanted(Name name) throws Exception {
    Hostile record = new Hostile(name);
    loader.holding();
    open("dead-letter");
    harness.processElement(record, 0L);
    loader.model(0).awaitForwardPass();

    harness.setProcessingTime(TIMEOUT_MILLIS);
    harness.endInput();

    assertThat(harness.extractOutputValues())
        .singleElement()
        .satisfies(
            scored -> {
              assertThat(scored.failure().code()).isEqualTo(Failure.TIMEOUT);
              assertThat(scored.failure().message())
                  .hasSizeLessThan(1_500)
                  .doesNotContain("secret");
            });
  }

  @Test
  void anOutcomeThatCannotBeHandedOverFailsTheTask() throws Exception {
    open("fail");
    OutOfMemoryError full = new OutOfMemoryError("Java heap space");

    function.asyncInvoke(new Hostile(Name.IS_NULL), new Refusing(full));
    loader.model(0).awaitForwardPass();

    assertThatThrownBy(this::advanceUntilTheTaskFails).rootCause().isSameAs(full);
    assertThatThrownBy(() -> harness.processElement(new Hostile(Name.IS_NULL), 0L))
        .hasMessageStartingWith("Cannot hand the outcome of a record to the task: ")
        .hasCause(full);
  }

  private void advanceUntilTheTaskFails() throws Exception {
    for (long time = 1; time < Long.MAX_VALUE; time++) {
      harness.setProcessingTime(time);
    }
  }

  private void open(String onTimeout) throws Exception {
    Configuration options = TestOptions.of("demo-qa");
    options.set(CrossEncoderFunctionOptions.TIMEOUT, Duration.ofMillis(TIMEOUT_MILLIS));
    options.setString(CrossEncoderFunctionOptions.ON_TIMEOUT.key(), onTimeout);
    ScoringConfig config = ScoringConfig.from(options);
    function =
        new CrossEncoderFunction<>(
            new PairShape<>(
                record -> List.of(new TextPair("xx", "")),
                Float.NEGATIVE_INFINITY,
                LabelThresholds.NONE),
            config,
            () -> registry);
    harness =
        new OneInputStreamOperatorTestHarness<>(
            new AsyncWaitOperatorFactory<>(
                function, TIMEOUT_MILLIS, config.task().capacity(), OutputMode.ORDERED),
            TYPE.createSerializer(new SerializerConfigImpl()));
    harness.getEnvironment().setExternalFailureCauseConsumer(external::add);
    harness.setup(Scored.typeInformation(TYPE).createSerializer(new SerializerConfigImpl()));
    harness.open();
  }

  /** A future that has no memory left to take its result. */
  private record Refusing(Error thrown) implements ResultFuture<Scored<Hostile>> {
    @Override
    public void complete(Collection<Scored<Hostile>> results) {
      throw thrown;
    }

    @Override
    public void completeExceptionally(Throwable error) {
      throw thrown;
    }

    @Override
    public void complete(CollectionSupplier<Scored<Hostile>> supplier) {
      throw thrown;
    }
  }
}
