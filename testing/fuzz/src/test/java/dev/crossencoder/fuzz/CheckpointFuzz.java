package dev.crossencoder.fuzz;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.compiler.BundleBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** The configuration of a checkpoint: one that is accepted becomes a bundle that is whole. */
public final class CheckpointFuzz {
  private static final Scratch SCRATCH = Scratch.create();
  private static final CheckpointInput CHECKPOINTS = new CheckpointInput();

  static {
    try {
      addAll();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write tiny checkpoints", e);
    }
  }

  private CheckpointFuzz() {}

  private static void addAll() throws IOException {
    for (String folder :
        List.of(
            "bert",
            "roberta",
            "deberta",
            "deberta-v2-conv",
            "deberta-v3",
            "distilbert",
            "electra",
            "modernbert",
            "bart")) {
      CHECKPOINTS.add(folder, TinyFiles.checkpoint(folder), List.of("config.json"));
    }
    List<String> modules =
        List.of(
            "modules.json",
            "config_sentence_transformers.json",
            "sentence_bert_config.json",
            "1_Pooling/config.json",
            "2_Dense/config.json",
            "4_Dense/config.json");
    CHECKPOINTS.add(
        "modernbert-modules",
        TinyFiles.checkpoint(
            "modernbert-modules",
            "modules.json",
            "config_sentence_transformers.json",
            "sentence_bert_config.json",
            "1_Pooling/config.json",
            "2_Dense/config.json",
            "2_Dense/model.safetensors",
            "3_LayerNorm/model.safetensors",
            "4_Dense/config.json",
            "4_Dense/model.safetensors"),
        modules);
    CHECKPOINTS.add("bert-old-names", TinyFiles.sharded(), List.of("model.safetensors.index.json"));
  }

  /** The files of tiny checkpoints. */
  public static List<byte[]> seeds() {
    return CHECKPOINTS.seeds();
  }

  /** Tries a file. */
  public static boolean accepts(byte[] input) throws IOException {
    return CHECKPOINTS.use(
        input,
        checkpoint ->
            Bounds.check(input.length, InvalidModelException.class, () -> build(checkpoint)));
  }

  private static void build(Path checkpoint) throws IOException {
    SCRATCH.delete("bundle");
    Bundle bundle =
        BundleBuilder.fromCheckpoint(checkpoint).build(SCRATCH.folder().resolve("bundle"));
    bundle.verify();
    BundleManifestFuzz.requireUsable(bundle.manifest());
    TokenizerFuzz.encodePairs(bundle.folder().resolve(Bundle.TOKENIZER));
  }
}
