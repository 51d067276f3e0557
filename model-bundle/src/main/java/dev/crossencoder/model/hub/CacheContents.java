package dev.crossencoder.model.hub;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Lists and removes the models in the cache. */
final class CacheContents {
  private static final int SHORT_COMMIT = 7;

  private final HubCache cache;

  CacheContents(HubCache cache) {
    this.cache = cache;
  }

  List<CachedModel> list() throws IOException {
    if (!Files.isDirectory(cache.root())) {
      return List.of();
    }
    List<CachedModel> models = new ArrayList<>();
    for (Path folder : children(cache.root())) {
      String name = folder.getFileName().toString();
      if (name.startsWith(HubCache.PREFIX) && Files.isDirectory(folder)) {
        models.add(model(folder, name.substring(HubCache.PREFIX.length()).replace("--", "/")));
      }
    }
    models.sort(Comparator.comparing(CachedModel::repository));
    return models;
  }

  private static CachedModel model(Path folder, String repository) throws IOException {
    Usage usage = new Usage();
    Files.walkFileTree(folder, usage);
    return new CachedModel(
        repository, revisions(folder), usage.bytes, Instant.ofEpochMilli(usage.modified), folder);
  }

  private static List<String> revisions(Path folder) throws IOException {
    List<String> revisions = new ArrayList<>();
    Set<String> named = new HashSet<>();
    Path refs = folder.resolve("refs");
    if (Files.isDirectory(refs)) {
      try (Stream<Path> files = Files.walk(refs)) {
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          String revision = refs.relativize(file).toString().replace('\\', '/');
          HubCache.commit(file)
              .ifPresent(
                  commit -> {
                    revisions.add(revision);
                    named.add(commit);
                  });
        }
      }
    }
    Path snapshots = folder.resolve("snapshots");
    if (Files.isDirectory(snapshots)) {
      for (Path snapshot : children(snapshots)) {
        String commit = snapshot.getFileName().toString();
        if (!named.contains(commit)) {
          revisions.add(HubModelId.isCommit(commit) ? commit.substring(0, SHORT_COMMIT) : commit);
        }
      }
    }
    return revisions;
  }

  Optional<Long> remove(String repository) throws IOException {
    Optional<CachedModel> found =
        list().stream().filter(model -> model.repository().equals(repository)).findFirst();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    HubModelId id = new HubModelId(repository, HubModelId.DEFAULT_REVISION);
    Path folder = found.get().folder();
    cache.locked(id, () -> cache.store(() -> removeTree(folder)));
    return Optional.of(found.get().bytes());
  }

  /**
   * Deletes the deepest files first. Among siblings, {@code snapshots} is deleted before {@code
   * blobs}, to which its links point.
   */
  private static Path removeTree(Path folder) throws IOException {
    List<Path> contents;
    try (Stream<Path> all = Files.walk(folder)) {
      contents = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : contents) {
      Files.deleteIfExists(path);
    }
    return folder;
  }

  private static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList();
    }
  }

  /** Adds up the sizes of regular files; links are not counted. */
  private static final class Usage extends SimpleFileVisitor<Path> {
    private long bytes;
    private long modified;

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (attributes.isRegularFile()) {
        bytes += attributes.size();
      }
      modified = Math.max(modified, attributes.lastModifiedTime().toMillis());
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      // Another process has moved or removed the file.
      return FileVisitResult.CONTINUE;
    }
  }
}
