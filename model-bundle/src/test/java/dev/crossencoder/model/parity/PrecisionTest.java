package dev.crossencoder.model.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.compiler.tensor.TensorType;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.ParityCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrecisionTest {
  @TempDir private Path folder;

  @Test
  void everyHalfThatIsReadIsWrittenAsItWas() {
    for (int half = 0; half <= 0xffff; half++) {
      float value = TensorType.halfToFloat((short) half);
      if (!Float.isNaN(value)) {
        assertThat(Precision.floatToHalf(value) & 0xffff).isEqualTo(half);
      }
    }
  }

  /** The neighbours of every midpoint between two halves, and the midpoint itself. */
  @Test
  void aFloatBecomesTheNearestHalfAndOfTwoTheEvenOne() {
    for (int half = 0; half < 0x7bff; half++) {
      float lower = TensorType.halfToFloat((short) half);
      float upper = TensorType.halfToFloat((short) (half + 1));
      float middle = (lower + upper) / 2;
      int even = half % 2 == 0 ? half : half + 1;

      assertThat(Precision.floatToHalf(middle) & 0xffff).isEqualTo(even);
      assertThat(Precision.floatToHalf(Math.nextDown(middle)) & 0xffff).isEqualTo(half);
      assertThat(Precision.floatToHalf(Math.nextUp(middle)) & 0xffff).isEqualTo(half + 1);
      assertThat(Precision.floatToHalf(-middle) & 0xffff).isEqualTo(even | 0x8000);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "65519.99, 0x7bff",
    "65520, 0x7c00",
    "-Infinity, 0xfc00",
    "1e-10, 0x0000",
    "-1e-10, 0x8000",
    "NaN, 0x7e00"
  })
  void theEdgesOfHalf(float value, int bits) {
    assertThat(Precision.floatToHalf(value) & 0xffff).isEqualTo(bits);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0x3f80",
    "1.00390625, 0x3f80",
    "1.01171875, 0x3f82",
    "1.004, 0x3f81",
    "-3.4028235e38, 0xff80",
    "Infinity, 0x7f80",
    "NaN, 0x7fc0"
  })
  void aFloatBecomesTheNearestBfloatAndOfTwoTheEvenOne(float value, int bits) {
    assertThat(Precision.floatToBfloat(value) & 0xffff).isEqualTo(bits);
  }

  @Test
  void aPrecisionIsFoundByItsKey() {
    for (Precision precision : Precision.values()) {
      assertThat(Precision.parse(precision.key())).isEqualTo(precision);
    }
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> Precision.parse("int4"))
        .withMessage("Invalid precision: int4. It must be one of fp32, fp16, bf16, int8.");
  }

  /** All programs compute in half precision, though on a CPU it takes permission. */
  @ParameterizedTest
  @CsvSource({
    "bert, FP16",
    "bert, BF16",
    "roberta, FP16",
    "electra, BF16",
    "distilbert, FP16",
    "deberta, FP16",
    "deberta-v3, BF16",
    "deberta-v2-conv, FP16",
    "modernbert, FP16",
    "modernbert, BF16",
    "bart, FP16",
    "bart, BF16"
  })
  void aBundleOfHalfPrecisionScoresNearlyTheSame(String name, Precision precision)
      throws IOException {
    Path checkpoint = ParityCheckpoint.named(name).copyTo(folder.resolve("checkpoint"));
    Path full = folder.resolve("full");
    Path half = folder.resolve("half");
    BundleBuilder.fromCheckpoint(checkpoint).build(full);
    Bundle bundle = BundleBuilder.fromCheckpoint(checkpoint).precision(precision).build(half);

    // These weights are exact in either format, but attention this peaked amplifies every rounding.
    List<Score> actual = score(half, CrossEncoderOptions.DEFAULT.withSlowPrecision());
    List<Score> expected = score(full, CrossEncoderOptions.DEFAULT);

    assertThat(bundle.manifest().dtype()).isEqualTo(precision.dtype());
    assertThat(Files.size(half.resolve("model.pt")))
        .isLessThan(Files.size(full.resolve("model.pt")));
    assertThat(meanDifference(actual, expected))
        .isBetween(1e-5, precision == Precision.FP16 ? 0.02 : 0.2);
  }

  private static List<Score> score(Path bundle, CrossEncoderOptions options) throws IOException {
    try (CrossEncoder model = CrossEncoder.open(bundle, options)) {
      return model.score(ParityCheckpoint.pairs());
    }
  }

  private static double meanDifference(List<Score> actual, List<Score> expected) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < actual.size(); i++) {
      for (int label = 0; label < actual.get(i).logits().size(); label++) {
        sum += Math.abs(actual.get(i).logits().get(label) - expected.get(i).logits().get(label));
        count++;
      }
    }
    return sum / count;
  }

  @Test
  void aHalfPrecisionOnACpuIsRefusedWithAdvice() throws IOException {
    Path checkpoint = ParityCheckpoint.named("bert").copyTo(folder.resolve("checkpoint"));
    Bundle bundle =
        BundleBuilder.fromCheckpoint(checkpoint)
            .precision(Precision.BF16)
            .build(folder.resolve("bundle"));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT))
        .withMessage(
            "Cannot score with checkpoint on a CPU, its weights are bfloat16, with which a CPU is several times slower than with float32. Build the bundle with fp32, score on a GPU, or allow it: --allow-slow, in Flink cross-encoder.allow-slow: true.");
  }
}
