package dev.crossencoder.model.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * A file of a repository.
 *
 * @param name the path in the repository, with {@code /}
 * @param size in bytes; empty if the hub does not say it
 * @param contentId the SHA-256 of an LFS file (64 hexadecimal digits), or the Git blob id of
 *     another file (40); empty if the hub does not say it
 */
record RemoteFile(String name, OptionalLong size, Optional<String> contentId) {
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern GIT_ID = Pattern.compile("[0-9a-f]{40}");

  /** Creates a file. An ETag that is not a content id is ignored. */
  static RemoteFile of(String name, OptionalLong size, Optional<String> etag) {
    return new RemoteFile(name, size, etag.flatMap(RemoteFile::contentIdOf));
  }

  private static Optional<String> contentIdOf(String etag) {
    String id = etag.strip().toLowerCase(Locale.ROOT);
    if (id.startsWith("w/")) {
      id = id.substring(2);
    }
    if (id.length() >= 2 && id.startsWith("\"") && id.endsWith("\"")) {
      id = id.substring(1, id.length() - 1);
    }
    return SHA_256.matcher(id).matches() || GIT_ID.matcher(id).matches()
        ? Optional.of(id)
        : Optional.empty();
  }

  private Optional<String> sha256() {
    return contentId.filter(id -> SHA_256.matcher(id).matches());
  }

  private Optional<String> gitId() {
    return contentId.filter(id -> GIT_ID.matcher(id).matches());
  }

  /** Whether the file is stored in LFS, outside Git. */
  boolean isLarge() {
    return sha256().isPresent();
  }

  /**
   * The name of the blob in the cache. It is the content id, as in the Python client, if that is
   * known. Other ETags are not used, because several files may have the same one.
   */
  String blobName(String commit) {
    return contentId.orElseGet(() -> commit + "-" + name.replace("/", "--"));
  }

  /**
   * Checks the size and digest of a downloaded file.
   *
   * @return the difference, with the expected and the actual value; empty if there is none
   */
  Optional<String> mismatch(Path copy) throws IOException {
    long found = Files.size(copy);
    if (size.isPresent() && size.getAsLong() != found) {
      return Optional.of("it must have %d bytes and has %d".formatted(size.getAsLong(), found));
    }
    if (sha256().isPresent()) {
      String digest = digest("SHA-256", new byte[0], copy);
      return digest.equals(sha256().get())
          ? Optional.empty()
          : Optional.of("its SHA-256 must be %s and is %s".formatted(sha256().get(), digest));
    }
    if (gitId().isPresent()) {
      byte[] header = ("blob " + found + '\0').getBytes(StandardCharsets.US_ASCII);
      String digest = digest("SHA-1", header, copy);
      return digest.equals(gitId().get())
          ? Optional.empty()
          : Optional.of("its Git blob id must be %s and is %s".formatted(gitId().get(), digest));
    }
    return Optional.empty();
  }

  private static String digest(String algorithm, byte[] header, Path copy) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(
          "Cannot find %s, which every JDK has".formatted(algorithm), e);
    }
    digest.update(header);
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(copy)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
