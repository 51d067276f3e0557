package dev.crossencoder.model.compiler.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.testing.TestSafetensors;
import dev.crossencoder.model.testing.TestSafetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTensorsTest {
  @TempDir private Path folder;
  private Path index;

  @BeforeEach
  void writeTwoShards() throws IOException {
    shard("model-1.safetensors", "a.weight", 1);
    shard("model-2.safetensors", "b.LayerNorm.gamma", 2);
    index = folder.resolve("model.safetensors.index.json");
    writeIndex(
        "{\"a.weight\":\"model-1.safetensors\",\"b.LayerNorm.gamma\":\"model-2.safetensors\"}");
  }

  private void shard(String file, String tensor, float value) throws IOException {
    TestSafetensors.write(
        folder.resolve(file), Map.of(tensor, Tensor.of(TensorType.F32, List.of(1), value)));
  }

  private void writeIndex(String weightMap) throws IOException {
    Files.writeString(index, "{\"metadata\":{},\"weight_map\":" + weightMap + "}");
  }

  @Test
  void tensorsAreFoundInTheirShards() throws IOException {
    try (CheckpointTensors tensors = CheckpointTensors.open(folder)) {
      assertThat(tensors.get("a.weight", 1).toArray()).containsExactly(1);
      assertThat(tensors.get("b.LayerNorm.gamma", 1).toArray()).containsExactly(2);
    }
    assertThat(CheckpointTensors.files(folder))
        .containsExactly(
            "model.safetensors.index.json", "model-1.safetensors", "model-2.safetensors");
  }

  /** As in transformers. */
  @Test
  void aSingleFileWinsOverAnIndex() throws IOException {
    shard("model.safetensors", "a.weight", 7);

    try (CheckpointTensors tensors = CheckpointTensors.open(folder)) {
      assertThat(tensors.get("a.weight", 1).toArray()).containsExactly(7);
    }
    assertThat(CheckpointTensors.files(folder)).containsExactly("model.safetensors");
  }

  @ParameterizedTest
  @CsvSource({
    "a.weight, '', a.weight",
    "bert.a.weight, bert., a.weight",
    "b.LayerNorm.weight, '', b.LayerNorm.gamma",
    "bert.b.LayerNorm.weight, bert., b.LayerNorm.gamma"
  })
  void aTensorMayHaveAnOlderName(String name, String prefix, String saved) throws IOException {
    try (CheckpointTensors tensors = CheckpointTensors.open(folder)) {
      tensors.allowMissingPrefix(prefix);

      assertThat(tensors.get(name, 1).toArray()).isEqualTo(tensors.get(saved, 1).toArray());
      tensors.requireAll("BertForSequenceClassification");
    }
  }

  @Test
  void allThatIsMissingIsNamedTogether() throws IOException {
    try (CheckpointTensors tensors = CheckpointTensors.open(folder)) {
      for (int i = 0; i < 10; i++) {
        tensors.get("missing." + i, 1);
      }

      assertThatExceptionOfType(InvalidModelException.class)
          .isThrownBy(() -> tensors.requireAll("BertForSequenceClassification"))
          .withMessage(
              "Cannot compile %s, it lacks 10 of the tensors of a BertForSequenceClassification: missing.0, missing.1, missing.2, missing.3, missing.4, missing.5, missing.6, missing.7 and 2 more. A cross-encoder needs a checkpoint saved with its trained classification head.",
              index);
    }
  }

  @Test
  void aShardThatIsNotThereIsNamed() throws IOException {
    Files.delete(folder.resolve("model-2.safetensors"));

    assertRefused(
        "Cannot find %s, which %s names.".formatted(folder.resolve("model-2.safetensors"), index));
  }

  @Test
  void aShardWithoutTheTensorThatTheIndexPlacesThereIsRefused() throws IOException {
    writeIndex("{\"a.weight\":\"model-2.safetensors\"}");

    assertRefused(
        "Cannot use %s, it places tensor a.weight into model-2.safetensors, which does not contain it."
            .formatted(index));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"../model.safetensors\"", "\"/etc/passwd\"", "\"\"", "7", "\"a/b\""})
  void aShardOutsideTheCheckpointIsRefused(String name) throws IOException {
    writeIndex("{\"a.weight\":" + name + "}");

    String message =
        "Cannot use %s, it places tensor a.weight into %s. A shard's name must be plain, without a path."
            .formatted(index, name);
    if (name.equals("7")) {
      // A plain name after all, of a file that is not there.
      message = "Cannot find %s, which %s names.".formatted(folder.resolve("7"), index);
    }
    assertRefused(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "null", "\"model-1.safetensors\""})
  void anIndexWithoutAMapIsRefused(String weightMap) throws IOException {
    writeIndex(weightMap);

    assertRefused("Cannot use %s, it has no weight_map from tensors to files.".formatted(index));
  }

  private void assertRefused(String message) {
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> CheckpointTensors.open(folder))
        .withMessage(message);
  }
}
