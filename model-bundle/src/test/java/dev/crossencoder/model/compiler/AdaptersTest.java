package dev.crossencoder.model.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An adapter changes what a model says; a model without its adapter is never scored with. */
class AdaptersTest {
  private static final String LORA =
      "{\"peft_type\": \"LORA\", \"base_model_name_or_path\": \"owner/base\"}";

  @TempDir private Path folder;
  private Path checkpoint;

  @BeforeEach
  void writeACheckpoint() throws IOException {
    checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("tiny"));
  }

  @Test
  void anAdapterBesideWeightsIsRefusedWithHowToMergeIt() throws IOException {
    add("adapter_config.json", LORA);

    assertRefused("adapter_config.json: \"LORA\" for \"owner/base\"");
  }

  @Test
  void anAdapterWhoseConfigurationIsDamagedIsRefusedToo() throws IOException {
    add("adapter_config.json", "{");

    assertRefused("adapter_config.json, which is damaged");
  }

  @Test
  void anAdapterAloneIsRefusedForWhatItIs() throws IOException {
    add("adapter_config.json", LORA);
    add("adapter_model.safetensors", "");
    Files.delete(checkpoint.resolve("model.safetensors"));
    Files.delete(checkpoint.resolve("config.json"));

    assertRefused("adapter_config.json: \"LORA\" for \"owner/base\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"adapter_model.safetensors", "adapter_model.bin"})
  void weightsOfAnAdapterAloneAreRefusedForWhatTheyAre(String file) throws IOException {
    add(file, "");
    Files.delete(checkpoint.resolve("model.safetensors"));

    assertRefused("adapter_model.safetensors or adapter_model.bin");
  }

  @Test
  void whatWasCompiledBeforeTheAdapterCameIsNotUsed() throws IOException {
    ModelRepository repository = new ModelRepository(folder.resolve("cache"));
    repository.resolve(checkpoint.toString());
    add("adapter_config.json", LORA);

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> repository.resolve(checkpoint.toString()))
        .withMessageContaining("merge_and_unload");
  }

  private void add(String file, String content) throws IOException {
    Files.writeString(checkpoint.resolve(file), content);
  }

  private void assertRefused(String adapter) {
    String message =
        "Cannot use %s as a model, it has a PEFT adapter (%s), which is not applied here: its scores would be those of the model without it. Merge the adapter into the weights first, in Python: peft.AutoPeftModelForSequenceClassification.from_pretrained(\"%s\").merge_and_unload().save_pretrained(folder), and the tokenizer likewise; then name that folder."
            .formatted(checkpoint, adapter, checkpoint);
    ModelRepository repository = new ModelRepository(folder.resolve("cache"));
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> repository.resolve(checkpoint.toString()))
        .withMessage(message);
    Path bundle = folder.resolve("bundle");
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> BundleBuilder.fromCheckpoint(checkpoint).build(bundle))
        .withMessage(message);
    assertThat(bundle).doesNotExist();
  }
}
