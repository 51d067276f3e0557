package dev.crossencoder.operator.change;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelNotFoundException;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.io.Digests;
import dev.crossencoder.model.io.Folders;
import dev.crossencoder.model.repository.BundleCache;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.VisibleForTesting;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies models from Flink's file systems, such as {@code s3://bucket/model}, into the cache
 * folder, because engines read local files. A folder whose files have other names, sizes or times
 * than before gets a copy of its own. Thread-safe, also among processes that share the cache.
 */
@Internal
public final class FileSystemModels {
  private static final Logger LOG = LoggerFactory.getLogger(FileSystemModels.class);
  private static final Pattern ADDRESS = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.+");
  private static final String COPIES = "copies";
  private static final int DIGITS = 16;

  /** A folder with more is no model. */
  private static final int MAX_FILES = 200;

  private FileSystemModels() {}

  /**
   * Returns a local folder for a model in a file system, and other models as they are.
   *
   * @throws ModelNotFoundException if there is no such folder
   * @throws InvalidModelException if Flink has no such file system
   * @throws ModelUnavailableException if the file system or the cache fails; a retry may succeed
   */
  public static String local(String model) {
    return ADDRESS.matcher(model).matches()
        ? local(model, BundleCache.shared().folder()).toString()
        : model;
  }

  static Path local(String address, Path cache) {
    try {
      return local(address, new org.apache.flink.core.fs.Path(address).getFileSystem(), cache);
    } catch (UnsupportedFileSystemSchemeException e) {
      throw new InvalidModelException(
          "Cannot read the model %s: Flink has no file system for it on this machine. Put its plugin into Flink's folder plugins, as for checkpoints."
              .formatted(address),
          e);
    } catch (IOException e) {
      throw unavailable(address, e);
    }
  }

  @VisibleForTesting
  static Path local(String address, FileSystem files, Path cache) {
    org.apache.flink.core.fs.Path folder = new org.apache.flink.core.fs.Path(address);
    try {
      Map<String, FileStatus> members = members(files, folder);
      String listing = listing(members);
      Path copies = cache.resolve(COPIES);
      Path copy =
          copies
              .resolve(
                  Digests.ofBytes((address + listing).getBytes(StandardCharsets.UTF_8))
                      .substring(0, DIGITS))
              .resolve(folder.getName());
      if (!Files.isDirectory(copy)) {
        LOG.info("Copying the model {} to {}", address, copy);
        copy(files, members, copies, copy);
        if (!listing(members(files, folder)).equals(listing)) {
          Folders.deleteIfExists(copy);
          throw new ModelUnavailableException(
              "The model %s has changed while it was read.".formatted(address), null);
        }
      }
      return copy;
    } catch (FileNotFoundException e) {
      throw new ModelNotFoundException(
          "Cannot find the model %s: there is no such folder, or it is empty.".formatted(address));
    } catch (ModelUnavailableException | InvalidModelException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Some file systems throw the unchecked exceptions of their clients.
      throw unavailable(address, e);
    }
  }

  private static ModelUnavailableException unavailable(String address, Exception reason) {
    return new ModelUnavailableException(
        "Cannot read the model %s: %s".formatted(address, reason.getMessage()), reason);
  }

  /** Returns the files of a folder and of the folders in it, by their paths within it. */
  private static Map<String, FileStatus> members(
      FileSystem files, org.apache.flink.core.fs.Path folder) throws IOException {
    Map<String, FileStatus> members = new TreeMap<>();
    add(files, folder, "", members);
    if (members.isEmpty()) {
      throw new FileNotFoundException(folder.toString());
    }
    return members;
  }

  private static void add(
      FileSystem files,
      org.apache.flink.core.fs.Path folder,
      String prefix,
      Map<String, FileStatus> members)
      throws IOException {
    FileStatus[] found = files.listStatus(folder);
    if (found == null) {
      throw new FileNotFoundException(folder.toString());
    }
    for (FileStatus each : found) {
      String name = prefix + each.getPath().getName();
      if (each.isDir()) {
        add(files, each.getPath(), name + "/", members);
      } else {
        members.put(name, each);
      }
      if (members.size() > MAX_FILES) {
        throw new InvalidModelException(
            "Cannot use %s as a model, it has more than %d files.".formatted(folder, MAX_FILES));
      }
    }
  }

  private static String listing(Map<String, FileStatus> members) {
    StringBuilder listing = new StringBuilder();
    members.forEach(
        (name, status) ->
            listing
                .append('\n')
                .append(name)
                .append(' ')
                .append(status.getLen())
                .append(' ')
                .append(status.getModificationTime()));
    return listing.toString();
  }

  private static void copy(
      FileSystem files, Map<String, FileStatus> members, Path copies, Path copy)
      throws IOException {
    Files.createDirectories(copies);
    Path draft = Files.createTempDirectory(copies, ".draft-");
    try {
      for (Map.Entry<String, FileStatus> member : members.entrySet()) {
        Path target = draft.resolve(member.getKey());
        Files.createDirectories(target.getParent());
        try (InputStream in = files.open(member.getValue().getPath())) {
          Files.copy(in, target);
        }
      }
      Files.createDirectories(copy.getParent());
      Files.move(draft, copy, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!Files.isDirectory(copy)) {
        throw e;
      }
      LOG.debug("Another process has copied the model meanwhile", e);
    } finally {
      Folders.deleteIfExists(draft);
    }
  }
}
