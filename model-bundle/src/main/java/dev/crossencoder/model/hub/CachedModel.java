package dev.crossencoder.model.hub;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A model in the cache. This project or the hub's Python client may have downloaded it.
 *
 * @param repository {@code owner/name}
 * @param revisions the cached branches and tags, and the short ids of other cached commits
 * @param bytes the size on disk, in bytes
 * @param modified when a file was last added
 * @param folder the model's folder in the cache
 */
public record CachedModel(
    String repository, List<String> revisions, long bytes, Instant modified, Path folder) {
  public CachedModel {
    revisions = List.copyOf(revisions);
  }
}
