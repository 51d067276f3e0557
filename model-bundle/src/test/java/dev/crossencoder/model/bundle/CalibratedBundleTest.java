package dev.crossencoder.model.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.Calibration;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.io.Digests;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalibratedBundleTest {
  private static final TextPair PAIR = new TextPair("who wrote the book?", "it was a.");
  private static final Calibration PLATT = Calibration.platt(0.5, 0.75, 100);
  private static final Calibration TEMPERATURE = Calibration.temperature(2, 100);

  @TempDir private Path folder;

  @Test
  void scoresAreProbabilities() throws IOException {
    Bundle plain = bundle("a");
    Bundle calibrated = CalibratedBundle.write(plain, PLATT, folder.resolve("calibrated"));

    Score score = score(calibrated, CrossEncoderOptions.DEFAULT);

    Score before = score(plain, CrossEncoderOptions.DEFAULT);
    assertThat(score.logits()).isEqualTo(before.logits());
    assertThat(score.score())
        .isEqualTo(PLATT.apply(new float[] {before.logits().get(0)})[0])
        .isNotEqualTo(before.score());
  }

  @Test
  void theScoresOfSeveralLabelsAreProbabilities() throws IOException {
    Bundle plain = bundle("a", "b", "c");
    Bundle calibrated = CalibratedBundle.write(plain, TEMPERATURE, folder.resolve("calibrated"));

    Score score = score(calibrated, CrossEncoderOptions.DEFAULT);

    assertThat(score.label()).isEqualTo(score(plain, CrossEncoderOptions.DEFAULT).label());
    assertThat(score.scores().values().stream().mapToDouble(value -> value).sum())
        .isCloseTo(1, within(1e-6));
    assertThat(score.score()).isEqualTo(score.scores().get(score.label()));
  }

  @Test
  void theModelsOwnActivationStaysPossible() throws IOException {
    Bundle plain = bundle("a");
    Bundle calibrated = CalibratedBundle.write(plain, PLATT, folder.resolve("calibrated"));

    assertThat(score(calibrated, CrossEncoderOptions.DEFAULT.withoutCalibration()).score())
        .isEqualTo(score(plain, CrossEncoderOptions.DEFAULT).score());
    Score logit =
        score(calibrated, CrossEncoderOptions.DEFAULT.withActivation(Activation.IDENTITY));
    assertThat(logit.score()).isEqualTo(logit.logits().get(0));
  }

  @Test
  void theDigestCoversTheCalibration() throws IOException {
    Bundle plain = bundle("a");
    Bundle one = CalibratedBundle.write(plain, PLATT, folder.resolve("one"));
    Bundle other =
        CalibratedBundle.write(plain, Calibration.platt(0.5, 0.5, 100), folder.resolve("other"));
    Bundle again = CalibratedBundle.write(plain, PLATT, folder.resolve("again"));

    assertThat(one.digest())
        .isNotEqualTo(plain.digest())
        .isNotEqualTo(other.digest())
        .isEqualTo(again.digest());
    assertThat(one.calibration()).contains(PLATT);
    assertThat(plain.calibration()).isEmpty();
    assertThat(formatVersion(one)).isEqualTo(3);
    assertThat(formatVersion(plain)).isEqualTo(1);
  }

  @Test
  void aSecondCalibrationReplacesTheFirst() throws IOException {
    Bundle first = CalibratedBundle.write(bundle("a"), PLATT, folder.resolve("first"));
    Calibration newer = Calibration.platt(3, 1, 7);

    Bundle second = CalibratedBundle.write(first, newer, folder.resolve("second"));

    assertThat(second.calibration()).contains(newer);
    second.verify();
  }

  @Test
  void aChangedCalibrationIsRefusedWhenTheModelIsOpened() throws IOException {
    Bundle calibrated = CalibratedBundle.write(bundle("a"), PLATT, folder.resolve("calibrated"));
    Path file = calibrated.folder().resolve("calibration.json");
    Files.writeString(file, Files.readString(file).replace("0.75", "0.25"));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> CrossEncoder.open(calibrated, CrossEncoderOptions.DEFAULT))
        .withMessageStartingWith(
            "Cannot use bundle %s, calibration.json has SHA-256", calibrated.folder());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"method\":\"isotonic\"}|Invalid method in %s: \"isotonic\". It must be one of platt, temperature; a newer release may know it.",
        "{\"method\":\"platt\",\"slope\":1,\"pairs\":3}|Invalid intercept in %s: missing. It must be a number.",
        "{\"method\":\"platt\",\"slope\":-1,\"intercept\":0,\"pairs\":3}|Cannot read %s. Invalid slope: -1.0. It must be positive, so that a higher logit means a higher probability.",
        "{\"method\":\"temperature\",\"temperature\":2,\"pairs\":3}|Cannot use %s, temperature scaling does not fit a model with one label. Calibrate the model again.",
        "[]|Cannot read %s, it is not a JSON object."
      })
  void aCalibrationThatCannotBeUsedIsExplained(String json, String message) throws IOException {
    Bundle calibrated = CalibratedBundle.write(bundle("a"), PLATT, folder.resolve("calibrated"));
    Path file = calibrated.folder().resolve("calibration.json");
    Files.writeString(file, json);
    replaceDigest(calibrated.folder(), "calibration.json");

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(
            () -> CrossEncoder.open(Bundle.read(calibrated.folder()), CrossEncoderOptions.DEFAULT))
        .withMessage(message.formatted(file));
  }

  @Test
  void aMethodThatDoesNotFitTheLabelsIsRefused() throws IOException {
    Bundle plain = bundle("a", "b");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> CalibratedBundle.write(plain, PLATT, folder.resolve("calibrated")))
        .withMessageContaining("it has 2 labels. Platt scaling is for one label");
  }

  @Test
  void aFolderIsNeverOverwritten() throws IOException {
    Bundle plain = bundle("a");

    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(() -> CalibratedBundle.write(plain, PLATT, plain.folder()));
  }

  private Bundle bundle(String... labels) throws IOException {
    return BundleBuilder.fromCheckpoint(
            TinyCheckpoint.withLabels(labels).writeTo(folder.resolve("tiny")))
        .build(folder.resolve("plain"));
  }

  /** Writes the digest of a file that was changed into the manifest. */
  private static void replaceDigest(Path bundle, String file) throws IOException {
    Path manifest = bundle.resolve(BundleManifest.FILE);
    ObjectNode root = (ObjectNode) JsonFiles.readObject(manifest);
    ((ObjectNode) root.path("sha256")).put(file, Digests.ofFile(bundle.resolve(file)));
    Files.writeString(manifest, root.toString());
  }

  private static Score score(Bundle bundle, CrossEncoderOptions options) {
    try (CrossEncoder model = CrossEncoder.open(bundle, options)) {
      return model.score(PAIR);
    }
  }

  private static int formatVersion(Bundle bundle) throws IOException {
    return JsonFiles.MAPPER
        .readTree(bundle.folder().resolve(BundleManifest.FILE).toFile())
        .path("format_version")
        .asInt();
  }
}
