package dev.crossencoder.model.hub;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A model in the cache of the hub, whoever downloaded it.
 *
 * @param repository {@code owner/name}
 * @param revisions the branches and tags that are known, and commits that are neither, in short
 * @param bytes what it takes on the disk
 * @param modified when a file was added last
 * @param folder where it is
 */
public record CachedModel(
    String repository, List<String> revisions, long bytes, Instant modified, Path folder) {
  public CachedModel {
    revisions = List.copyOf(revisions);
  }
}
