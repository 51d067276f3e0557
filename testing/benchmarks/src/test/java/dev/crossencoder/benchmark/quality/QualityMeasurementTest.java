package dev.crossencoder.benchmark.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.benchmark.quality.QualityResult.Row;
import dev.crossencoder.benchmark.quality.QualityResult.Skipped;
import dev.crossencoder.evaluation.data.LabelledPair;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QualityMeasurementTest {
  private static final int PAIRS = 300;

  /** One percent of the pairs is long. */
  private static final int LONG = 3;

  private final AtomicLong nanos = new AtomicLong();
  private final List<String> closed = new ArrayList<>();
  private int watched;

  /** Pairs whose gold is the number of their text, modulo two. */
  private static HeldOutPairs data() {
    return new HeldOutPairs(
        IntStream.range(0, PAIRS)
            .mapToObj(
                i ->
                    new LabelledPair(
                        new TextPair(String.valueOf(i), "text"), String.valueOf(i % 2), null))
            .toList(),
        false);
  }

  /** A model that takes a millisecond for each pair, and is always right with fp32. */
  private final class FakeScorer implements Scorer {
    private final Setting setting;
    private final int tokens;
    private final int truncated;

    FakeScorer(Setting setting, int tokens, int truncated) {
      this.setting = setting;
      this.tokens = tokens;
      this.truncated = truncated;
    }

    @Override
    public List<Score> score(List<TextPair> pairs) {
      nanos.addAndGet(pairs.size() * 1_000_000L);
      return pairs.stream().map(this::score).toList();
    }

    private Score score(TextPair pair) {
      int number = Integer.parseInt(pair.text());
      boolean wrong = !setting.equals(Setting.BASE) && number < PAIRS / 10;
      String label = String.valueOf((number + (wrong ? 1 : 0)) % 2);
      return new Score(1, label, Map.of(), List.of(1f), number < truncated);
    }

    @Override
    public int tokens(TextPair pair) {
      return Integer.parseInt(pair.text()) < LONG ? tokens : 10;
    }

    @Override
    public void close() {
      closed.add(setting.name());
    }
  }

  private QualityMeasurement measure(int tokens, int truncated) throws IOException {
    QualityMeasurement measurement =
        new QualityMeasurement(
            data(), setting -> new FakeScorer(setting, tokens, truncated), nanos::get, NO_OTHERS);
    measurement.run(Setting.ALL);
    return measurement;
  }

  private static final QualityMeasurement.Others NO_OTHERS =
      new QualityMeasurement.Others() {
        @Override
        public void watch() {}

        @Override
        public double share() {
          return 0.04;
        }
      };

  @Test
  void eachSettingIsComparedWithTheFirstOne() throws IOException {
    QualityMeasurement measurement = measure(512, 3);

    assertThat(measurement.skipped()).isEmpty();
    assertThat(measurement.rows())
        .extracting(Row::setting)
        .containsExactlyElementsOf(Setting.ALL.stream().map(Setting::name).toList());
    assertThat(closed).containsExactlyElementsOf(Setting.ALL.stream().map(Setting::name).toList());
    Row base = measurement.rows().get(0);
    Row int8 = measurement.rows().get(1);
    assertThat(base.value()).isEqualTo(1);
    assertThat(base.change()).isNull();
    assertThat(base.truncated()).isEqualTo(3);
    assertThat(base.otherCpuShare()).isEqualTo(0.04);
    assertThat(int8.value()).isEqualTo(0.9);
    assertThat(int8.change().value()).isCloseTo(-0.1, within(1e-12));
    assertThat(int8.change().low()).isBetween(-0.15, -0.1);
    assertThat(int8.change().high()).isBetween(-0.1, -0.05);
  }

  @Test
  void theTimeIsThatOfAllPairsWithoutTheWarmUp() throws IOException {
    QualityMeasurement measurement = measure(512, 3);

    assertThat(measurement.rows()).extracting(Row::seconds).containsOnly(PAIRS / 1e3);
    assertThat(measurement.longest()).isEqualTo(512);
    assertThat(measurement.meanTokens())
        .isCloseTo((512.0 * LONG + 10.0 * (PAIRS - LONG)) / PAIRS, within(1e-9));
  }

  @Test
  void settingsWithoutAnEffectAreNotMeasured() throws IOException {
    assertThat(measure(200, 2).skipped())
        .containsExactly(
            new Skipped("fp32, 256 tokens", "only 0 of 300 pairs have more than 256 tokens"),
            new Skipped(
                "fp32, chunks", "only 2 of 300 pairs do not fit, so that a text is divided"),
            new Skipped(
                "fp32, chunks of 128 tokens",
                "only 2 of 300 pairs do not fit, so that a text is divided"));
  }

  @Test
  void aDisturbedPassIsRepeatedAndTheBetterOneCounts() throws IOException {
    List<Double> shares = new ArrayList<>(List.of(0.4, 0.01, 0.06, 0.3));
    QualityMeasurement.Others others =
        new QualityMeasurement.Others() {
          @Override
          public void watch() {
            watched++;
          }

          @Override
          public double share() {
            return shares.remove(0);
          }
        };
    QualityMeasurement measurement =
        new QualityMeasurement(
            data(), setting -> new FakeScorer(setting, 512, 3), nanos::get, others);

    measurement.run(Setting.ALL.subList(0, 2));

    assertThat(measurement.rows()).extracting(Row::otherCpuShare).containsExactly(0.01, 0.06);
    assertThat(watched).isEqualTo(4);
  }

  @Test
  void aScoreThatIsNotFiniteEndsTheMeasurement() {
    Scorer broken =
        new Scorer() {
          @Override
          public List<Score> score(List<TextPair> pairs) {
            return pairs.stream()
                .map(pair -> new Score(Float.NaN, "0", Map.of(), List.of(Float.NaN), false))
                .toList();
          }

          @Override
          public int tokens(TextPair pair) {
            return 1;
          }

          @Override
          public void close() {}
        };
    QualityMeasurement measurement =
        new QualityMeasurement(data(), setting -> broken, nanos::get, NO_OTHERS);

    assertThatThrownBy(() -> measurement.run(Setting.ALL))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot measure fp32, a score is NaN or infinite.");
  }
}
