package dev.crossencoder.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.hub.HubException.Kind;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Parses the hub's description of a revision. Details of files may be missing. Names are validated,
 * because they become paths.
 */
final class ListingParser {
  private static final Pattern PATH_SEPARATOR = Pattern.compile("[/\\\\]");
  private static final String SHA_256_PREFIX = "sha256:";

  private final HubSettings settings;
  private final HubModelId id;
  private final String address;

  ListingParser(HubSettings settings, HubModelId id, String address) {
    this.settings = settings;
    this.id = id;
    this.address = address;
  }

  RepositoryListing parse(JsonNode root) throws HubException {
    return new RepositoryListing(repository(root), commit(root), files(root.path("siblings")));
  }

  private String commit(JsonNode root) throws HubException {
    JsonNode sha = root.path("sha");
    if (sha.isMissingNode() || sha.isNull()) {
      return "";
    }
    String commit = sha.asText();
    if (!sha.isTextual() || !HubModelId.isCommit(commit)) {
      throw refused("the sha %s, which is not a commit id".formatted(sha));
    }
    if (id.isPinned() && !commit.equals(id.revision())) {
      throw refused("the commit %s, which was not requested".formatted(commit));
    }
    return commit;
  }

  private String repository(JsonNode root) {
    String name = root.path("id").asText(root.path("modelId").asText(""));
    try {
      return new HubModelId(name, HubModelId.DEFAULT_REVISION).repository();
    } catch (IllegalArgumentException e) {
      // The name is for information only.
      return id.repository();
    }
  }

  private Optional<Map<String, RemoteFile>> files(JsonNode siblings) throws HubException {
    if (siblings.isMissingNode()
        || siblings.isNull()
        || (siblings.isArray() && siblings.isEmpty())) {
      return Optional.empty();
    }
    if (!siblings.isArray()) {
      throw refused("siblings that are not a list");
    }
    Map<String, RemoteFile> files = new LinkedHashMap<>();
    for (JsonNode sibling : siblings) {
      JsonNode name = sibling.path("rfilename");
      if (!name.isTextual() || !isSafe(name.textValue())) {
        throw refused("a file with the name %s".formatted(name));
      }
      files.putIfAbsent(name.textValue(), file(name.textValue(), sibling));
    }
    return Optional.of(files);
  }

  /** Whether a path stays inside the repository's folder on every operating system. */
  private static boolean isSafe(String path) {
    if (path.isEmpty() || path.chars().anyMatch(c -> c < ' ' || c == 127)) {
      return false;
    }
    for (String segment : PATH_SEPARATOR.split(path, -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        return false;
      }
    }
    return true;
  }

  private static RemoteFile file(String name, JsonNode sibling) {
    JsonNode lfs = sibling.path("lfs");
    if (!lfs.isObject()) {
      return RemoteFile.of(name, size(sibling), text(sibling.path("blobId")));
    }
    // The blob id of an LFS file is that of its pointer file.
    OptionalLong size = size(lfs);
    Optional<String> sha256 = text(lfs.path("sha256")).or(() -> text(lfs.path("oid")));
    return RemoteFile.of(
        name,
        size.isPresent() ? size : size(sibling),
        sha256.map(ListingParser::withoutPrefix).filter(digest -> digest.length() == 64));
  }

  private static String withoutPrefix(String digest) {
    return digest.toLowerCase(Locale.ROOT).startsWith(SHA_256_PREFIX)
        ? digest.substring(SHA_256_PREFIX.length())
        : digest;
  }

  private static OptionalLong size(JsonNode node) {
    JsonNode size = node.path("size");
    return size.isIntegralNumber() && size.canConvertToLong() && size.longValue() >= 0
        ? OptionalLong.of(size.longValue())
        : OptionalLong.empty();
  }

  private static Optional<String> text(JsonNode node) {
    return node.isTextual() ? Optional.of(node.textValue()) : Optional.empty();
  }

  private HubException refused(String what) {
    String shown = settings.redact(what);
    return new HubException(
        Kind.UNEXPECTED_ANSWER,
        "Cannot use the answer of %s, it has %s. Check HF_ENDPOINT."
            .formatted(address, shown.length() > 200 ? shown.substring(0, 200) + "…" : shown));
  }
}
