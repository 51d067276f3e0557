package dev.crossencoder.model.hub;

/** Hears how far a download has come. Called by the thread that downloads, often. */
@FunctionalInterface
public interface DownloadListener {
  /** Hears nothing. */
  DownloadListener SILENT = (file, done, total) -> {};

  /**
   * Some bytes of a file are there. The first call of a file may have {@code done} above 0, if a
   * broken download is resumed; {@code done} falls if it has to start over.
   *
   * @param file its name in the repository
   * @param done the bytes that are there
   * @param total the file's size in bytes, or -1 if the hub does not say
   */
  void downloaded(String file, long done, long total);
}
