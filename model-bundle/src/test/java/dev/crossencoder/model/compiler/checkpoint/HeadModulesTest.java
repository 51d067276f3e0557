package dev.crossencoder.model.compiler.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.io.Digests;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.parity.ParityTest;
import dev.crossencoder.model.testing.ParityCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A head of modules is compiled as sentence-transformers computes it, or refused; {@link
 * ParityTest} compares its logits.
 */
class HeadModulesTest {
  @TempDir private Path folder;
  private Path checkpoint;
  private Path chain;

  @BeforeEach
  void startFromACheckpointOfSentenceTransformers() throws IOException {
    checkpoint = ParityCheckpoint.named("modernbert-modules").copyTo(folder.resolve("checkpoint"));
    chain = checkpoint.resolve("modules.json");
  }

  @Test
  void labelsAndActivationAreThoseOfTheLastModule() throws IOException {
    BundleManifest manifest = build().manifest();

    assertThat(manifest.architecture()).isEqualTo("modernbert");
    assertThat(manifest.labels()).containsExactly("LABEL_0");
    assertThat(manifest.activation().known()).contains(Activation.IDENTITY);
    assertThat(manifest.maxLength()).isEqualTo(ParityCheckpoint.MAX_LENGTH);
  }

  @Test
  void withoutAnActivationOneLabelHasSigmoidWhateverTheEncodersConfigurationSays()
      throws IOException {
    set("config_sentence_transformers.json", "activation_fn", "null");

    assertThat(build().manifest().activation().known()).contains(Activation.SIGMOID);
  }

  @Test
  void namesOfLabelsAreThoseOfTheConfigurationIfThereAreAsMany() throws IOException {
    set("config.json", "id2label", "{\"0\":\"relevance\"}");

    assertThat(build().manifest().labels()).containsExactly("relevance");
  }

  @Test
  void theNamesOfOlderReleasesAreKnown() throws IOException {
    List<String> types = List.of("Transformer", "Pooling", "Dense", "LayerNorm", "Dense");
    ArrayNode modules = (ArrayNode) JsonFiles.readArray(chain);
    for (int i = 0; i < types.size(); i++) {
      ((ObjectNode) modules.get(i)).put("type", "sentence_transformers.models." + types.get(i));
    }
    Files.writeString(chain, modules.toString());
    Files.writeString(
        checkpoint.resolve("1_Pooling/config.json"),
        "{\"word_embedding_dimension\":32,\"pooling_mode_cls_token\":true,\"pooling_mode_mean_tokens\":false}");
    String after = Digests.ofFile(build().folder().resolve("model.pt"));

    Path original = ParityCheckpoint.named("modernbert-modules").copyTo(folder.resolve("original"));
    Bundle expected = BundleBuilder.fromCheckpoint(original).build(folder.resolve("expected"));
    assertThat(after).isEqualTo(Digests.ofFile(expected.folder().resolve("model.pt")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"pooling_mode\":[\"mean\"]} | true",
        "{\"pooling_mode\":\"cls\",\"pooling_mode_mean_tokens\":true} | false",
        "{\"pooling_mode_mean_tokens\":true} | true",
        "{} | true"
      })
  void poolingIsReadAsSentenceTransformersReadsIt(String config, boolean mean) throws IOException {
    Files.writeString(checkpoint.resolve("1_Pooling/config.json"), config);

    assertThat(HeadModules.read(checkpoint).orElseThrow().pooling().mean()).isEqualTo(mean);
  }

  @ParameterizedTest
  @CsvSource({
    "torch.nn.modules.activation.GELU, gelu",
    "torch.nn.GELU, gelu",
    "torch.nn.modules.activation.ReLU, relu",
    "torch.nn.modules.activation.SiLU, silu",
    "torch.nn.modules.activation.Tanh, tanh",
    "torch.nn.modules.linear.Identity, identity"
  })
  void theFunctionAfterADenseLayerIsKnownByItsClass(String name, String expected)
      throws IOException {
    set("2_Dense/config.json", "activation_function", "\"" + name + "\"");

    assertThat(HeadModules.read(checkpoint).orElseThrow().dense().activationFunction())
        .isEqualTo(expected);
    assertThat(build().manifest().labels()).hasSize(1);
  }

  @Test
  void anEncoderAloneIsAnOrdinaryCheckpoint() throws IOException {
    ArrayNode modules = (ArrayNode) JsonFiles.readArray(chain);
    Files.writeString(chain, JsonFiles.MAPPER.createArrayNode().add(modules.get(0)).toString());

    assertThat(HeadModules.read(checkpoint)).isEmpty();
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(this::build)
        .withMessageContaining(
            "it lacks 4 of the tensors of a ModernBertForSequenceClassification: head.dense.weight, ");
  }

  @Test
  void anotherChainIsRefused() throws IOException {
    ArrayNode modules = (ArrayNode) JsonFiles.readArray(chain);
    ((ObjectNode) modules.get(3)).put("type", "sentence_transformers.models.Normalize");
    ((ObjectNode) modules.get(4)).put("type", "custom.Dense");
    Files.writeString(chain, modules.toString());

    assertRefused(
        "Cannot compile the modules Transformer, Pooling, Dense, Normalize, custom.Dense of %s. It must be Transformer, Pooling, Dense, LayerNorm, Dense, or Transformer alone."
            .formatted(chain));
  }

  @Test
  void aHeadAfterAnotherEncoderIsRefused() throws IOException {
    set("config.json", "model_type", "\"bert\"");

    assertRefused(
        "Cannot compile the modules Transformer, Pooling, Dense, LayerNorm, Dense for model_type bert. Such a head is supported for modernbert.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "../2_Dense", "a/b", "/2_Dense", ".hidden", "a\\b"})
  void aFolderWithAPathIsRefused(String path) throws IOException {
    place(2, path);

    assertRefused(
        "Cannot use %s, it places the Dense into \"%s\". A module's folder must be a plain name, without a path."
            .formatted(chain, path));
  }

  @Test
  void anEncoderInAFolderOfItsOwnIsRefused() throws IOException {
    place(0, "0_Transformer");

    assertRefused(
        "Cannot use %s, it places the Transformer into 0_Transformer. It must lie in the checkpoint's folder itself."
            .formatted(chain));
  }

  @Test
  void twoModulesInOneFolderAreRefused() throws IOException {
    place(4, "2_Dense");

    assertRefused("Cannot use %s, it places several modules into one folder.".formatted(chain));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1_Pooling | pooling_mode | \"max\" | The pooling must be cls or mean.",
        "1_Pooling | pooling_mode | [\"cls\",\"mean\"] | The pooling must be cls or mean.",
        "2_Dense | activation_function | \"torch.nn.Mish\" | It must be one of PyTorch's GELU, Identity, ReLU, SiLU, Tanh.",
        "2_Dense | activation_function | \"custom.GELU\" | It must be one of PyTorch's GELU, Identity, ReLU, SiLU, Tanh.",
        "2_Dense | module_input_name | \"token_embeddings\" | It must be sentence_embedding at this place of the chain.",
        "2_Dense | module_output_name | \"scores\" | It must be sentence_embedding at this place of the chain.",
        "4_Dense | module_output_name | null | It must be scores at this place of the chain.",
        "4_Dense | activation_function | \"torch.nn.Tanh\" | It must be torch.nn.Identity for the last module.",
        "4_Dense | out_features | 0 | It must be a whole number from 1 to 16777216."
      })
  void aModuleThatTheProgramDoesNotComputeIsRefused(
      String module, String key, String value, String wanted) throws IOException {
    set(module + "/config.json", key, value);

    assertRefused(
        "Invalid %s in %s: %s. %s"
            .formatted(key, checkpoint.resolve(module).resolve("config.json"), value, wanted));
  }

  @Test
  void aMissingFileOfAModuleIsNamed() throws IOException {
    Path file = checkpoint.resolve("3_LayerNorm/model.safetensors");
    Files.delete(file);

    assertRefused("Cannot find %s.".formatted(file));
  }

  @Test
  void aMissingTensorOfAModuleIsNamed() throws IOException {
    set("4_Dense/config.json", "bias", "true");

    assertRefused(
        "Cannot compile %s, it lacks 1 of the tensors of a ModernBertModel: 4_Dense/linear.bias. A cross-encoder needs a checkpoint saved with its trained classification head."
            .formatted(checkpoint.resolve("model.safetensors")));
  }

  @Test
  void aModuleOfAnotherWidthIsRefused() throws IOException {
    set("2_Dense/config.json", "out_features", "16");

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(this::build)
        .withMessageContaining("but config.json requires");
  }

  @Test
  void aListOfModulesThatIsNoneIsRefused() throws IOException {
    Files.writeString(chain, "{}");

    assertRefused("Cannot read %s, it is not a JSON array.".formatted(chain));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "modules.json",
        "1_Pooling/config.json",
        "2_Dense/config.json",
        "4_Dense/model.safetensors"
      })
  void everyFileIsPartOfTheRevision(String file) throws IOException {
    String before = BundleBuilder.revision(checkpoint);
    Files.write(
        checkpoint.resolve(file),
        " ".getBytes(java.nio.charset.StandardCharsets.UTF_8),
        StandardOpenOption.APPEND);

    assertThat(BundleBuilder.revision(checkpoint)).isNotEqualTo(before);
  }

  private Bundle build() throws IOException {
    return BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("bundle"));
  }

  private void place(int module, String path) throws IOException {
    ArrayNode modules = (ArrayNode) JsonFiles.readArray(chain);
    ((ObjectNode) modules.get(module)).put("path", path);
    Files.writeString(chain, modules.toString());
  }

  private void set(String file, String key, String value) throws IOException {
    Path path = checkpoint.resolve(file);
    JsonNode config = JsonFiles.readObject(path);
    ((ObjectNode) config).set(key, JsonFiles.MAPPER.readTree(value));
    Files.writeString(path, config.toString());
  }

  private void assertRefused(String message) {
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(this::build)
        .withMessage(message);
  }
}
