package dev.crossencoder.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.bundle.MatrixMultiplications.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        multiplications.run(part, List.of(pair(5), pair(64), pair(1)));
      }
    }
  }

  @Test
  void operationsAreThoseOfTheShapes() throws IOException {
    configure("bert");
    try (MatrixMultiplications multiplications = MatrixMultiplications.open(checkpoint, THREADS)) {
      long finish = 8 * 8 + 8 * 16 + 16 * 8;
      long linear =
          2 * (5 + 3) * (8 * 24 + finish) + (5 + 3) * 8 * 16 + 2 * (8 * 8 + finish + 8 * 8);
      long attention = 2 * 8 * (2 * (25 + 9) + 5 + 3);

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
