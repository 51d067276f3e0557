package dev.crossencoder.model.repository;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.io.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The small checkpoints in the jar {@code cross-encoder-demo-models}, with which everything can be
 * tried without a network. They are resources that this class's class loader reads.
 */
public enum EmbeddedCheckpoint {
  /** How relevant a passage is to a query, for ranking. One label, sigmoid. */
  DEMO_RANK("demo-rank"),
  /** Whether a sentence answers a question. One label, sigmoid. */
  DEMO_QA("demo-qa"),
  /** Contradiction, entailment or neutral. Three labels. */
  DEMO_NLI("demo-nli");

  private static final String RESOURCES = "/dev/crossencoder/demo/";

  private static final List<String> FILES =
      List.of("config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt");

  private final String modelName;

  /** Null until it is computed. Resources do not change while their class loader lives. */
  @SuppressWarnings("ImmutableEnumChecker")
  private String digest;

  EmbeddedCheckpoint(String modelName) {
    this.modelName = modelName;
  }

  public String modelName() {
    return modelName;
  }

  public static Optional<EmbeddedCheckpoint> find(String modelName) {
    return Arrays.stream(values())
        .filter(checkpoint -> checkpoint.modelName.equals(modelName))
        .findFirst();
  }

  /**
   * Returns the identity of the checkpoint's content.
   *
   * @throws InvalidModelException if the jar with the checkpoint is not on the class path
   */
  synchronized String digest() throws IOException {
    if (digest != null) {
      return digest;
    }
    StringBuilder digests = new StringBuilder();
    for (String file : FILES) {
      try (InputStream in = open(file)) {
        digests.append(Digests.ofStream(in));
      }
    }
    digest = Digests.ofBytes(digests.toString().getBytes(StandardCharsets.UTF_8));
    return digest;
  }

  /**
   * Copies the checkpoint's files into an existing folder.
   *
   * @throws InvalidModelException if the jar with the checkpoint is not on the class path
   */
  public void copyTo(Path folder) throws IOException {
    for (String file : FILES) {
      try (InputStream in = open(file)) {
        Files.copy(in, folder.resolve(file));
      }
    }
  }

  private InputStream open(String file) {
    InputStream in =
        EmbeddedCheckpoint.class.getResourceAsStream(RESOURCES + modelName + "/" + file);
    if (in == null) {
      throw new InvalidModelException(
          "Cannot use the model %s, the jar cross-encoder-demo-models is not on the class path. Put it beside cross-encoder-model-bundle (in a cluster: into Flink's lib on every machine, then start Flink again), or name a bundle folder, a checkpoint folder or a model of the Hugging Face hub (owner/name)."
              .formatted(modelName));
    }
    return in;
  }
}
