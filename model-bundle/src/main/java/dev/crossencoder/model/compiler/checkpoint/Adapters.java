package dev.crossencoder.model.compiler.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.io.JsonFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Refuses checkpoints with a PEFT adapter, such as LoRA. transformers applies the adapter to the
 * weights; this project does not, so the scores would be wrong.
 */
public final class Adapters {
  private static final String CONFIG = "adapter_config.json";
  private static final List<String> WEIGHTS =
      List.of("adapter_model.safetensors", "adapter_model.bin");

  private Adapters() {}

  /**
   * Throws if a checkpoint has an adapter, with or without other weights.
   *
   * @throws InvalidModelException if it has; the message says how to merge the adapter
   */
  public static void refuse(Path checkpoint) {
    Path config = checkpoint.resolve(CONFIG);
    boolean weightsAlone =
        CheckpointTensors.files(checkpoint).stream()
                .noneMatch(file -> Files.exists(checkpoint.resolve(file)))
            && WEIGHTS.stream().anyMatch(file -> Files.exists(checkpoint.resolve(file)));
    if (Files.exists(config)) {
      throw refused(checkpoint, CONFIG + described(config));
    }
    if (weightsAlone) {
      throw refused(checkpoint, String.join(" or ", WEIGHTS));
    }
  }

  /** A description from the adapter's configuration, if that can be read. */
  private static String described(Path config) {
    try {
      JsonNode root = JsonFiles.readObject(config);
      return ": %s for %s".formatted(root.path("peft_type"), root.path("base_model_name_or_path"));
    } catch (InvalidModelException e) {
      return ", which is damaged";
    }
  }

  private static InvalidModelException refused(Path checkpoint, String adapter) {
    return new InvalidModelException(
        "Cannot use %s as a model, it has a PEFT adapter (%s), which is not applied here: its scores would be those of the model without it. Merge the adapter into the weights first, in Python: peft.AutoPeftModelForSequenceClassification.from_pretrained(\"%s\").merge_and_unload().save_pretrained(folder), and the tokenizer likewise; then name that folder."
            .formatted(checkpoint, adapter, checkpoint));
  }
}
