package dev.crossencoder.model.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.Precision;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.testing.ParityCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every architecture and option gives the logits that transformers gives, whatever the batch. */
public class ParityTest {
  private static final double TOLERANCE = 1e-4;
  private static final double BATCH_TOLERANCE = 1e-5;

  /**
   * Of eight bits. The checkpoints' weights are ten times those of trained ones, so that attention
   * is peaked and every mistake shows; so does what is rounded.
   */
  private static final double INT8_TOLERANCE = 0.5;

  /** BART's checkpoint has five layers where the others have two or three, and rounds in each. */
  private static final double INT8_TOLERANCE_OF_BART = 1;

  @TempDir private Path folder;

  static List<ParityCheckpoint> checkpoints() throws IOException {
    return ParityCheckpoint.all();
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void logitsEqualThoseOfTransformers(ParityCheckpoint checkpoint) throws IOException {
    assertParity(checkpoint, Engine.PYTORCH, Precision.FP32, TOLERANCE);
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void logitsOfOnnxRuntimeEqualThoseOfTransformers(ParityCheckpoint checkpoint) throws IOException {
    assertParity(checkpoint, Engine.ONNXRUNTIME, Precision.FP32, TOLERANCE);
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void logitsOfEightBitsAreNearAndDoNotDependOnTheBatch(ParityCheckpoint checkpoint)
      throws IOException {
    double tolerance = checkpoint.name().equals("bart") ? INT8_TOLERANCE_OF_BART : INT8_TOLERANCE;
    assertParity(checkpoint, Engine.ONNXRUNTIME, Precision.INT8, tolerance);
  }

  private void assertParity(
      ParityCheckpoint checkpoint, Engine engine, Precision precision, double tolerance)
      throws IOException {
    List<TextPair> pairs = ParityCheckpoint.pairs();
    Path bundle = folder.resolve("bundle");
    BundleBuilder.fromCheckpoint(checkpoint.copyTo(folder.resolve("checkpoint")))
        .engine(engine)
        .precision(precision)
        .build(bundle);

    try (CrossEncoder model = CrossEncoder.open(bundle)) {
      List<Score> batched = model.scoreBatch(pairs.stream().map(model::encode).toList());
      List<Score> alone = pairs.stream().map(model::score).toList();

      assertThat(checkpoint.logits()).hasSameSizeAs(pairs);
      assertThat(checkpoint.largestDifference(batched)).isLessThan(tolerance);
      assertThat(checkpoint.largestDifference(alone)).isLessThan(tolerance);
      for (int i = 0; i < pairs.size(); i++) {
        for (int label = 0; label < alone.get(i).logits().size(); label++) {
          float expected = alone.get(i).logits().get(label);
          assertThat(batched.get(i).logits().get(label))
              .as("pair %d, label %d", i, label)
              .isEqualTo(
                  expected, within((float) (BATCH_TOLERANCE * Math.max(1, Math.abs(expected)))));
        }
      }
    }
  }
}
