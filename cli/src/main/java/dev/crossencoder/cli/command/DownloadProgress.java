package dev.crossencoder.cli.command;

import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.hub.DownloadListener;
import dev.crossencoder.model.repository.ModelRepository;

/** Shows the progress of downloads of files of at least 1 MB on standard error. */
public final class DownloadProgress implements DownloadListener, AutoCloseable {
  private static final long SHOWN_BYTES = 1_000_000;

  private String file = "";
  private Progress progress;

  private DownloadProgress() {}

  /** Returns the bundle of a model, and shows the progress of downloads. */
  public static Bundle resolve(String model) {
    try (DownloadProgress downloads = new DownloadProgress()) {
      return ModelRepository.shared().resolve(model, downloads);
    }
  }

  /** Returns the bundle of a model with a precision, and shows the progress of downloads. */
  static Bundle resolve(String model, Precision precision) {
    try (DownloadProgress downloads = new DownloadProgress()) {
      return ModelRepository.shared().resolve(model, precision, downloads);
    }
  }

  /** Returns a builder for a checkpoint, and shows the progress of downloads. */
  public static BundleBuilder builder(String checkpoint) {
    try (DownloadProgress downloads = new DownloadProgress()) {
      return ModelRepository.shared().builder(checkpoint, downloads);
    }
  }

  /** Returns a builder for an ONNX file of a checkpoint, and shows the progress of downloads. */
  public static BundleBuilder onnxBuilder(String checkpoint, String onnxFile) {
    try (DownloadProgress downloads = new DownloadProgress()) {
      return ModelRepository.shared().onnxBuilder(checkpoint, onnxFile, downloads);
    }
  }

  @Override
  public void downloaded(String newFile, long done, long total) {
    if (!newFile.equals(file)) {
      close();
      file = newFile;
    }
    if (progress == null && Math.max(done, total) >= SHOWN_BYTES) {
      progress = Progress.startBytes("Downloading " + file, total);
    }
    if (progress != null) {
      progress.update(done);
    }
  }

  @Override
  public void close() {
    if (progress != null) {
      progress.close();
      progress = null;
    }
  }
}
