package dev.crossencoder.cli.command;

import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.hub.DownloadListener;
import dev.crossencoder.model.repository.ModelRepository;

/** Shows downloads, file after file; small ones are over before there is anything to show. */
public final class DownloadProgress implements DownloadListener, AutoCloseable {
  private static final long SHOWN_BYTES = 1_000_000;

  private String file = "";
  private Progress progress;

  private DownloadProgress() {}

  /** Finds the bundle of a model, showing what has to be downloaded for it. */
  public static Bundle resolve(String model) {
    try (DownloadProgress downloads = new DownloadProgress()) {
      return ModelRepository.shared().resolve(model, downloads);
    }
  }

  /** Starts a bundle of a checkpoint, showing what has to be downloaded for it. */
  public static BundleBuilder builder(String checkpoint) {
    try (DownloadProgress downloads = new DownloadProgress()) {
      return ModelRepository.shared().builder(checkpoint, downloads);
    }
  }

  /** Starts a bundle of an ONNX file of a checkpoint, showing what has to be downloaded for it. */
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
