package dev.crossencoder.model.compiler.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.io.JsonFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Refuses checkpoints with an adapter of PEFT, such as LoRA: transformers applies it to the
 * weights, so that without it the scores would be those of another model.
 */
public final class Adapters {
  private static final String CONFIG = "adapter_config.json";
  private static final List<String> WEIGHTS =
      List.of("adapter_model.safetensors", "adapter_model.bin");

  private Adapters() {}

  /**
   * Refuses a checkpoint with an adapter, beside weights or alone.
   *
   * @throws InvalidModelException if there is one, saying how to merge it
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

  /** What the adapter's configuration says of it, if that can be read. */
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
