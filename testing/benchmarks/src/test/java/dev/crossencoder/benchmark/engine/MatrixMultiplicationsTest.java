package dev.crossencoder.benchmark.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.benchmark.engine.MatrixMultiplications.Part;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MatrixMultiplicationsTest {
  private static final int THREADS = Runtime.getRuntime().availableProcessors();

  @TempDir Path checkpoint;

  private void configure(String type) throws IOException {
    Files.writeString(
        checkpoint.resolve("config.json"),
        """
        {"model_type": "%s", "hidden_size": 8, "num_hidden_layers": 3, "num_attention_heads": 2,
         "intermediate_size": 16, "max_position_embeddings": 64}
        """
            .formatted(type));
  }

  private static EncodedPair pair(int length) {
    return new EncodedPair(new int[length], new int[length], false);
  }

  @Test
  void everyPartRuns() throws IOException {
    configure("bert");
    try (MatrixMultiplications multiplications = MatrixMultiplications.open(checkpoint, THREADS)) {
      for (Part part : Part.values()) {
        float[][] numbers = multiplications.run(part, List.of(pair(5), pair(64), pair(1)));

        assertThat(numbers).hasNumberOfRows(part == Part.SQUARE ? 1 : 3);
        for (float[] number : numbers) {
          assertThat(number).hasSize(1);
          assertThat(number[0]).isFinite().isNotZero();
        }
      }
    }
  }

  /** A square is multiplied at a rate that nothing else exceeds by much. */
  @Test
  void nothingIsLeftOutBecauseNobodyReadsIt() throws IOException {
    Files.writeString(
        checkpoint.resolve("config.json"),
        """
        {"model_type": "bert", "hidden_size": 384, "num_hidden_layers": 3, "num_attention_heads": 12,
         "intermediate_size": 1536, "max_position_embeddings": 512}
        """);
    try (MatrixMultiplications multiplications = MatrixMultiplications.open(checkpoint, THREADS)) {
      List<EncodedPair> batch = Collections.nCopies(8, pair(256));
      double square =
          MatrixMultiplications.SQUARE_OPERATIONS / best(multiplications, Part.SQUARE, batch);
      double time =
          best(multiplications, Part.LINEAR, batch) + best(multiplications, Part.ATTENTION, batch);

      assertThat(multiplications.operations(batch) / time).isLessThan(2 * square);
    }
  }

  private static double best(
      MatrixMultiplications multiplications, Part part, List<EncodedPair> batch) {
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < 4; i++) {
      long start = System.nanoTime();
      multiplications.run(part, batch);
      best = Math.min(best, (System.nanoTime() - start) / 1e9);
    }
    return best;
  }

  @Test
  void operationsAreThoseOfTheShapes() throws IOException {
    configure("bert");
    try (MatrixMultiplications multiplications = MatrixMultiplications.open(checkpoint, THREADS)) {
      long finish = 8 * 8 + 8 * 16 + 16 * 8;
      long linear = 2 * (5 + 3) * (8 * 24 + finish) + 2 * (8 * 8 + finish + 8 * 8);
      // In the last layer, 2 pairs with the weights of keys and values, and 8 tokens with 2 heads.
      long attention = 2 * 8 * (2 * (25 + 9) + 2 * 8 + (5 + 3) * 2);

      assertThat(multiplications.operations(List.of(pair(5), pair(3))))
          .isEqualTo(2 * (linear + attention));
    }
  }

  @Test
  void attentionOfAnotherKindIsRefused() throws IOException {
    configure("deberta-v2");

    assertThat(MatrixMultiplications.supports(checkpoint)).isFalse();
    assertThatThrownBy(() -> MatrixMultiplications.open(checkpoint, THREADS))
        .isInstanceOf(InvalidModelException.class)
        .hasMessage(
            "Cannot take the multiplications of deberta-v2, its attention is of another kind.");
  }
}
