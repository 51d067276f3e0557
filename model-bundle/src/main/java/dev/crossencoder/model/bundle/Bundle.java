package dev.crossencoder.model.bundle;

import dev.crossencoder.model.Calibration;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelNotFoundException;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.io.Digests;
import dev.crossencoder.model.io.JsonFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A compiled model on disk: a folder with {@code bundle.json} (the manifest), {@code
 * tokenizer.json}, a program, {@code model.pt} or {@code model.onnx}, and perhaps {@code
 * calibration.json}. Immutable.
 *
 * <p>A program is code. It is loaded only if its digest is the one in the manifest; that protects
 * against damage, not against a stranger's bundle, whose manifest and program fit together. Open
 * bundles from trusted sources only.
 */
public final class Bundle {
  public static final String TOKENIZER = "tokenizer.json";

  private final Path folder;
  private final String digest;
  private final BundleManifest manifest;

  private Bundle(Path folder, String digest, BundleManifest manifest) {
    this.folder = folder;
    this.digest = digest;
    this.manifest = manifest;
  }

  /**
   * Reads the manifest of a bundle. The other files are not read; {@link #verify} checks them.
   *
   * @throws ModelNotFoundException if the folder does not exist
   * @throws InvalidModelException if the folder is not a bundle, or its manifest is damaged
   */
  public static Bundle read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new ModelNotFoundException(
          "Cannot find the bundle %s, there is no such folder.".formatted(folder));
    }
    Path file = folder.resolve(BundleManifest.FILE);
    byte[] json = JsonFiles.readBytes(file);
    return new Bundle(folder, "sha256:" + Digests.ofBytes(json), BundleManifest.parse(file, json));
  }

  /**
   * Reads every file that the manifest lists and compares its digest with the manifest's.
   *
   * @throws InvalidModelException if a file is missing or has another digest; the message names the
   *     file and both digests
   * @throws ModelUnavailableException if a file cannot be read
   */
  public void verify() {
    for (String required : List.of(program().getFileName().toString(), TOKENIZER)) {
      if (!manifest.files().containsKey(required)) {
        throw new InvalidModelException(
            "Cannot use bundle %s, its manifest does not list %s.".formatted(folder, required));
      }
    }
    for (Map.Entry<String, String> member : manifest.files().entrySet()) {
      Path file = folder.resolve(member.getKey());
      if (!Files.isRegularFile(file)) {
        throw new InvalidModelException(
            "Cannot use bundle %s, it lacks %s, which its manifest lists."
                .formatted(folder, member.getKey()));
      }
      String found = digest(file);
      if (!found.equals(member.getValue())) {
        throw new InvalidModelException(
            "Cannot use bundle %s, %s has SHA-256 %s, its manifest says %s. Copy or build the bundle again."
                .formatted(folder, member.getKey(), found, member.getValue()));
      }
    }
  }

  private static String digest(Path file) {
    try {
      return Digests.ofFile(file);
    } catch (IOException e) {
      throw new ModelUnavailableException("Cannot read %s: %s".formatted(file, e), e);
    }
  }

  /**
   * Returns the total size of the files that the manifest lists, in bytes.
   *
   * @throws ModelUnavailableException if a file is missing or cannot be read
   */
  public long bytes() {
    long bytes = 0;
    for (String member : manifest.files().keySet()) {
      Path file = folder.resolve(member);
      try {
        bytes += Files.size(file);
      } catch (IOException e) {
        throw new ModelUnavailableException("Cannot read %s: %s".formatted(file, e), e);
      }
    }
    return bytes;
  }

  /**
   * The engine that runs the program.
   *
   * @throws InvalidModelException if this release does not know the engine
   */
  public Engine engine() {
    return Engine.find(manifest.engine())
        .orElseThrow(
            () ->
                new InvalidModelException(
                    "Cannot open bundle %s, its engine is %s. Known engines: %s."
                        .formatted(folder, manifest.engine(), Engine.keys())));
  }

  /**
   * Reads the calibration. Its digest is not checked; {@link #verify} does that.
   *
   * @return empty if the bundle has none
   * @throws InvalidModelException if the file is missing or invalid, or does not fit the number of
   *     labels
   */
  public Optional<Calibration> calibration() {
    if (!manifest.isCalibrated()) {
      return Optional.empty();
    }
    Path file = folder.resolve(CalibrationFile.NAME);
    Calibration calibration = CalibrationFile.parse(file, JsonFiles.readBytes(file));
    if (!calibration.fits(manifest.numLabels())) {
      throw new InvalidModelException(
          "Cannot use %s, %s scaling does not fit %s. Calibrate the model again."
              .formatted(
                  file,
                  calibration.key(),
                  manifest.numLabels() == 1
                      ? "a model with one label"
                      : "a model with %d labels".formatted(manifest.numLabels())));
    }
    return Optional.of(calibration);
  }

  /** The path of the program. */
  public Path program() {
    return folder.resolve(engine().modelFile());
  }

  public Path folder() {
    return folder;
  }

  /**
   * The identity of the model: {@code sha256:} and the digest of the manifest, which contains the
   * digests of all other files.
   */
  public String digest() {
    return digest;
  }

  /** The content of {@code bundle.json}. */
  public BundleManifest manifest() {
    return manifest;
  }
}
