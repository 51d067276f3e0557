package dev.crossencoder.model.repository;

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
 * The small real checkpoints that come with the library, so that everything works with no network.
 */
public enum EmbeddedCheckpoint {
  /** Does the passage answer the question? One label, sigmoid. */
  DEMO_QA("demo-qa"),
  /** Contradiction, entailment or neutral? */
  DEMO_NLI("demo-nli");

  private static final List<String> FILES =
      List.of("config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt");

  private final String modelName;

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

  /** Identifies the checkpoint's content. */
  String digest() throws IOException {
    StringBuilder digests = new StringBuilder();
    for (String file : FILES) {
      try (InputStream in = open(file)) {
        digests.append(Digests.ofStream(in));
      }
    }
    return Digests.ofBytes(digests.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Writes the checkpoint's files into a folder. */
  public void copyTo(Path folder) throws IOException {
    for (String file : FILES) {
      try (InputStream in = open(file)) {
        Files.copy(in, folder.resolve(file));
      }
    }
  }

  private InputStream open(String file) throws IOException {
    String resource = "checkpoints/" + modelName + "/" + file;
    InputStream in = EmbeddedCheckpoint.class.getResourceAsStream(resource);
    if (in == null) {
      throw new IOException("Cannot find resource " + resource);
    }
    return in;
  }
}
