package dev.crossencoder.model.hub;

/** Receives the progress of downloads, on the downloading thread, after each chunk of 64 KiB. */
@FunctionalInterface
public interface DownloadListener {
  /** Ignores all calls. */
  DownloadListener SILENT = (file, done, total) -> {};

  /**
   * Reports the progress of a file. In the first call of a file, {@code done} is more than 0 if an
   * interrupted download is resumed. {@code done} decreases if the download has to start again.
   *
   * @param file the path of the file in the repository
   * @param done the number of bytes downloaded
   * @param total the size of the file in bytes, or -1 if the hub does not say it
   */
  void downloaded(String file, long done, long total);
}
