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
 * @param name its name, with {@code /} between folder and file
 * @param size in bytes, if the hub says
 * @param contentId the SHA-256 of files that are kept outside Git (64 hexadecimal digits), Git's
 *     blob id of others (40), if the hub says
 */
record RemoteFile(String name, OptionalLong size, Optional<String> contentId) {
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern GIT_ID = Pattern.compile("[0-9a-f]{40}");

  /** Takes any entity tag; what is no content id says nothing of the content. */
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

  /** Whether the file is kept outside Git. */
  boolean isLarge() {
    return sha256().isPresent();
  }

  /**
   * What the cache calls the content: as the Python client does, if the id is one of content. Other
   * entity tags need not differ between files.
   */
  String blobName(String commit) {
    return contentId.orElseGet(() -> commit + "-" + name.replace("/", "--"));
  }

  /**
   * Checks a copy of the content.
   *
   * @return what is wrong with it, with the expected and the found value; empty if nothing is
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
