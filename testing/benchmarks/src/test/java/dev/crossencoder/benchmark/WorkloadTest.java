package dev.crossencoder.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.benchmark.checkpoint.ModelSize;
import dev.crossencoder.model.TextPair;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkloadTest {
  private static List<TextPair> pairs(int count) {
    return IntStream.range(0, count).mapToObj(i -> new TextPair(String.valueOf(i), "")).toList();
  }

  private static List<Integer> indices(List<TextPair> pairs) {
    return pairs.stream().map(pair -> Integer.valueOf(pair.text())).toList();
  }

  @Test
  void aSampleIsOfConsecutiveStretchesAtEqualDistances() {
    List<Integer> sample = indices(Workload.sample(pairs(320), 64));

    assertThat(sample).hasSize(64);
    assertThat(sample.subList(0, 32))
        .containsExactlyElementsOf(IntStream.range(64, 96).boxed().toList());
    assertThat(sample.subList(32, 64))
        .containsExactlyElementsOf(IntStream.range(224, 256).boxed().toList());
  }

  @Test
  void aSampleIsAtLeastOneStretch() {
    assertThat(Workload.sample(pairs(320), 1)).hasSize(32);
  }

  @Test
  void aSampleOfMoreThanThereIsIsAll() {
    assertThat(Workload.sample(pairs(100), 5000)).hasSize(100);
  }

  @Test
  void anUnknownWorkloadIsRefused() {
    assertThatThrownBy(() -> Workload.parse("dl20"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid workload: dl20. It must be one of dl19, snli, long, mixed.");
  }

  @Test
  void anUnknownSizeIsRefused() {
    assertThatThrownBy(() -> ModelSize.parse("bert-huge"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "Invalid size: bert-huge. It must be one of tinybert-l2, minilm-l2,");
  }
}
