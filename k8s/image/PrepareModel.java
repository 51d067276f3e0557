import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.ModelNotFoundException;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Puts a model's bundle into a folder, checks its digest, and scores a pair with it. Does nothing
 * else if the bundle is there already, so an init container may run it again. Also what extracts
 * the native libraries when the image is built, since they are extracted by their first use.
 */
final class PrepareModel {
  private static final String USAGE =
      "Usage: prepare-model MODEL FOLDER [DIGEST [PRECISION]]. MODEL is owner/name@commit of the"
          + " hub, a checkpoint or bundle folder, or an embedded model; PRECISION is fp32, int8,"
          + " fp16 or bf16, for the first two.";

  private PrepareModel() {}

  public static void main(String[] args) throws IOException {
    if (args.length < 2 || args.length > 4) {
      System.err.println(USAGE);
      System.exit(2);
    }
    String digest = args.length > 2 ? args[2] : "";
    Path folder = Path.of(args[1]);
    try {
      Bundle bundle =
          Files.isDirectory(folder)
              ? Bundle.read(folder)
              : prepare(args[0], folder, args.length > 3 ? args[3] : "");
      if (!digest.isEmpty() && !digest.equals(bundle.digest())) {
        throw new IllegalStateException(
            "Cannot use %s as %s, its digest is %s and not %s. Pin that digest if this is the model you want; else empty the folder or name the right commit."
                .formatted(folder, args[0], bundle.digest(), digest));
      }
      bundle.verify();
      score(bundle);
      System.out.printf("%s holds %s, %s%n", folder, bundle.manifest().name(), bundle.digest());
    } catch (RuntimeException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  /** Appears in its place all at once, whenever this ends. */
  private static Bundle prepare(String model, Path folder, String precision) throws IOException {
    Files.createDirectories(folder.toAbsolutePath().getParent());
    if (precision.isEmpty() || precision.equals(Precision.FP32.key())) {
      return copy(ModelRepository.shared().resolve(model).folder(), folder);
    }
    BundleBuilder builder;
    try {
      builder = ModelRepository.shared().builder(model, (file, done, total) -> {});
    } catch (ModelNotFoundException e) {
      throw new IllegalStateException(
          "Cannot compile %s as %s: %s".formatted(model, precision, e.getMessage()), e);
    }
    return builder.precision(Precision.parse(precision)).build(folder);
  }

  private static Bundle copy(Path from, Path to) throws IOException {
    Path unfinished =
        Files.createDirectory(to.toAbsolutePath().resolveSibling(".bundle-" + UUID.randomUUID()));
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, unfinished.resolve(file.getFileName()));
      }
    }
    Files.move(unfinished, to);
    return Bundle.read(to);
  }

  private static void score(Bundle bundle) {
    try (CrossEncoder model =
        CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT.withSlowPrecision())) {
      TextPair pair = new TextPair("Does it work?", "Yes, it works.");
      if (!model.score(List.of(pair)).get(0).isFinite()) {
        throw new IllegalStateException(
            "Cannot use %s, it scores a pair as NaN or infinite. Its weights are damaged."
                .formatted(bundle.folder()));
      }
    }
  }
}
