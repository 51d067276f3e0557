package dev.crossencoder.fuzz;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.bundle.InputForm;
import dev.crossencoder.model.bundle.ModelActivation;
import dev.crossencoder.model.bundle.Prompts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code bundle.json}: one that is accepted is the same after it was written and read, names files
 * of its own folder only, and scores can be labelled with what it says.
 */
public final class BundleManifestFuzz {
  private static final Path FILE = Path.of("bundle.json");

  private BundleManifestFuzz() {}

  /** Manifests as they are written. */
  public static List<byte[]> seeds() {
    String digest = "0123456789abcdef".repeat(4);
    return Stream.of(Engine.PYTORCH, Engine.ONNXRUNTIME)
        .map(
            engine ->
                new BundleManifest(
                        "tiny",
                        "owner/tiny",
                        "sha256:" + digest,
                        "bert",
                        List.of("contradiction", "entailment", "neutral"),
                        engine == Engine.PYTORCH
                            ? ModelActivation.of(Activation.SOFTMAX)
                            : ModelActivation.unknown("mine.Squash"),
                        new Prompts(Map.of("query", "find: "), Optional.of("query")),
                        512,
                        0,
                        Precision.FP32.dtype(),
                        engine.key(),
                        InputForm.PADDED,
                        Map.of(engine.modelFile(), digest, "tokenizer.json", digest))
                    .toJson())
        .map(String::new)
        .map(text -> text.replace("padded", "packed").getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  /** Tries a manifest. */
  public static boolean accepts(byte[] input) {
    return Bounds.check(input.length, InvalidModelException.class, () -> read(input));
  }

  private static void read(byte[] input) {
    BundleManifest manifest = BundleManifest.parse(FILE, input);
    Bounds.require(
        BundleManifest.parse(FILE, manifest.toJson()).equals(manifest),
        "What was read of a manifest is what is written");
    requireUsable(manifest);
  }

  static void requireUsable(BundleManifest manifest) {
    Bounds.require(
        new HashSet<>(manifest.labels()).size() == manifest.labels().size(), "Labels differ");
    for (String text :
        Stream.concat(Stream.of(manifest.name()), manifest.labels().stream()).toList()) {
      Bounds.require(
          StandardCharsets.UTF_8.newEncoder().canEncode(text), "Scores can be labelled in UTF-8");
    }
    for (String file : manifest.files().keySet()) {
      Path path = Path.of("folder").resolve(file).normalize();
      Bounds.require(
          path.equals(Path.of("folder", file)) && path.getNameCount() == 2,
          "The file %s is in the bundle's folder",
          file);
    }
  }
}
