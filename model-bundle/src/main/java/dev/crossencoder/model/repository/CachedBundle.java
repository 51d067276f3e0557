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
 * @param name what scores call the model; the folder's name if the manifest cannot be read
 * @param revision the version of its source; empty if the manifest cannot be read
 * @param bytes what it takes on the disk
 * @param made when it was compiled
 * @param folder where it is
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
      // One of another release, or a damaged one: it takes its space all the same.
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
