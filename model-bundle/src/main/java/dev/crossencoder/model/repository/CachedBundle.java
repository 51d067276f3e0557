package dev.crossencoder.model.repository;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Stream;

/**
 * A bundle in the cache.
 *
 * @param name the name of the model; the folder's name if the manifest cannot be read
 * @param revision the version of its source; empty if the manifest cannot be read
 * @param bytes the size on disk, in bytes
 * @param made when it was compiled
 * @param folder the folder of the bundle
 */
public record CachedBundle(String name, String revision, long bytes, Instant made, Path folder) {
  static CachedBundle of(Path folder) throws IOException {
    String name = folder.getFileName().toString();
    String revision = "";
    try {
      BundleManifest manifest = Bundle.read(folder).manifest();
      name = manifest.name();
      revision = manifest.revision();
    } catch (InvalidModelException | ModelUnavailableException e) {
      // A bundle of another release, or a damaged one. It is listed because it takes space too.
    }
    long bytes = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
    }
    Instant made = Files.getLastModifiedTime(folder.resolve(BundleManifest.FILE)).toInstant();
    return new CachedBundle(name, revision, bytes, made, folder);
  }
}
