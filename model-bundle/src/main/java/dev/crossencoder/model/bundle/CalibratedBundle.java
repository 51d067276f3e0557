package dev.crossencoder.model.bundle;

import dev.crossencoder.model.Calibration;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.io.Digests;
import dev.crossencoder.model.io.Folders;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Writes a copy of a bundle with a {@link Calibration}. */
public final class CalibratedBundle {
  private CalibratedBundle() {}

  /**
   * Copies a bundle and adds a calibration, which replaces the one that it may have. The digest of
   * the copy covers the calibration. Releases that do not know calibrations refuse the copy,
   * instead of giving other scores.
   *
   * @param source is verified first
   * @param folder is created, all at once; it must not exist
   * @return the copy
   * @throws InvalidModelException if the source is damaged
   * @throws FileAlreadyExistsException if the folder exists
   * @throws IllegalArgumentException if the calibration does not fit the number of labels
   */
  public static Bundle write(Bundle source, Calibration calibration, Path folder)
      throws IOException {
    BundleManifest manifest = source.manifest();
    if (!calibration.fits(manifest.numLabels())) {
      throw new IllegalArgumentException(
          "Cannot calibrate %s by %s scaling, it has %d labels. Platt scaling is for one label, temperature scaling for several."
              .formatted(manifest.name(), calibration.key(), manifest.numLabels()));
    }
    Folders.createBundle(folder, copy -> copy(source, calibration, copy));
    return Bundle.read(folder);
  }

  private static void copy(Bundle source, Calibration calibration, Path folder) throws IOException {
    source.verify();
    BundleManifest manifest = source.manifest();
    Map<String, String> files = new TreeMap<>(manifest.files());
    files.remove(CalibrationFile.NAME);
    for (String file : files.keySet()) {
      Files.copy(source.folder().resolve(file), folder.resolve(file));
    }
    byte[] json = CalibrationFile.toJson(calibration);
    Files.write(folder.resolve(CalibrationFile.NAME), json);
    files.put(CalibrationFile.NAME, Digests.ofBytes(json));
    Files.write(folder.resolve(BundleManifest.FILE), manifest.withFiles(files).toJson());
  }
}
