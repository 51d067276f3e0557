package dev.crossencoder.model.hub;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.hub.FakeServer.Reply;
import dev.crossencoder.model.hub.FakeServer.Request;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Behaves like the Hugging Face hub as far as a download sees it: the API, files, large files by a
 * redirect to a content network on another origin, renamed, gated and private repositories.
 */
public final class FakeHub implements AutoCloseable {
  /** A repository with one commit. */
  public static final class Repository {
    public final String commit;
    public final Map<String, byte[]> files = new LinkedHashMap<>();
    public final Map<String, String> revisions = new LinkedHashMap<>();
    private boolean gated;
    private String token;

    private Repository(String commit) {
      this.commit = commit;
      revisions.put("main", commit);
    }

    public Repository file(String name, byte[] content) {
      files.put(name, content);
      return this;
    }

    public Repository file(String name, String content) {
      return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    public Repository revision(String name) {
      revisions.put(name, commit);
      return this;
    }

    /** Nobody has accepted its terms. */
    public Repository gated() {
      gated = true;
      return this;
    }

    /** Only this token reads it. */
    public Repository privateTo(String newToken) {
      token = newToken;
      return this;
    }
  }

  private static final Pattern API = Pattern.compile("/api/models/(.+)/revision/([^/]+)");
  private static final Pattern FILE = Pattern.compile("/(.+)/resolve/([^/]+)/(.+)");
  private static final Pattern RANGE = Pattern.compile("bytes=([0-9]+)-");

  /** Whether the API tells size and digest of files; mirrors may not. */
  public boolean tellsDetails = true;

  /** Whether the API tells which files are kept outside Git; mirrors may not. */
  public boolean tellsLargeFiles = true;

  /** Whether the hub says what the content network has; else that names it by an id of its own. */
  public boolean linksContents = true;

  public final FakeServer hub;
  public final FakeServer network;

  private final Map<String, Repository> repositories = new LinkedHashMap<>();
  private final Map<String, String> renamed = new LinkedHashMap<>();
  private int commits;

  private FakeHub() throws IOException {
    hub = FakeServer.start(this::answer);
    network = FakeServer.start(this::answerOfNetwork);
  }

  public static FakeHub start() throws IOException {
    return new FakeHub();
  }

  public URI address() {
    return hub.address();
  }

  /** Adds a repository, or a new commit of one. */
  public Repository repository(String name) {
    commits++;
    Repository repository = new Repository("%040x".formatted(0xabcdef00L + commits));
    repositories.put(name, repository);
    return repository;
  }

  /** Answers requests for the old name with a relative redirect to the new one. */
  public void rename(String oldName, String newName) {
    renamed.put(oldName, newName);
  }

  public static boolean isLarge(String file) {
    return file.endsWith(".safetensors") || file.endsWith(".bin") || file.equals("spm.model");
  }

  public static String sha256(byte[] content) {
    return digest("SHA-256", content);
  }

  public static String gitId(byte[] content) {
    byte[] header = ("blob " + content.length + '\0').getBytes(StandardCharsets.US_ASCII);
    byte[] object = Arrays.copyOf(header, header.length + content.length);
    System.arraycopy(content, 0, object, header.length, content.length);
    return digest("SHA-1", object);
  }

  private static String digest(String algorithm, byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private Reply answer(Request request) {
    Matcher api = API.matcher(request.path());
    Matcher file = FILE.matcher(request.path());
    Matcher found = api.matches() ? api : file;
    if (found == file && !file.matches()) {
      return Reply.of(404).body("Not Found");
    }
    String name = found.group(1);
    if (renamed.containsKey(name)) {
      return Reply.of(307).with("Location", request.target().replace(name, renamed.get(name)));
    }
    Repository repository = repositories.get(name);
    String authorization = request.headers().get("authorization");
    if (repository == null
        || (repository.token != null && !("Bearer " + repository.token).equals(authorization))) {
      return authorization == null
          ? error(401, null, "Invalid username or password.")
          : error(404, "RepoNotFound", "Repository not found");
    }
    String revision = URLDecoder.decode(found.group(2), StandardCharsets.UTF_8);
    String commit = repository.revisions.get(revision);
    if (commit == null && !revision.equals(repository.commit)) {
      return error(404, "RevisionNotFound", "Invalid rev id: " + revision);
    }
    if (found == api) {
      String listing = listing(name, repository).toString();
      String etag = "W/\"%s\"".formatted(sha256(listing.getBytes(StandardCharsets.UTF_8)));
      if (etag.equals(request.headers().get("if-none-match"))) {
        return Reply.of(304).with("ETag", etag);
      }
      return Reply.of(200)
          .with("Content-Type", "application/json")
          .with("ETag", etag)
          .body(listing);
    }
    if (repository.gated) {
      return error(403, "GatedRepo", "Access to model " + name + " is restricted.");
    }
    return file(request, repository, file.group(3));
  }

  private static Reply error(int status, String code, String message) {
    Reply reply = Reply.of(status).with("X-Error-Message", message);
    return code == null ? reply : reply.with("X-Error-Code", code);
  }

  private ObjectNode listing(String name, Repository repository) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("id", name).put("modelId", name).put("sha", repository.commit);
    ArrayNode siblings = root.putArray("siblings");
    repository.files.forEach(
        (file, content) -> {
          ObjectNode sibling = siblings.addObject().put("rfilename", file);
          if (!tellsDetails) {
            return;
          }
          sibling.put("size", content.length);
          if (isLarge(file) && !tellsLargeFiles) {
            sibling.put("blobId", gitId("a pointer".getBytes(StandardCharsets.UTF_8)));
          } else if (isLarge(file)) {
            sibling.put("blobId", gitId("a pointer".getBytes(StandardCharsets.UTF_8)));
            sibling
                .putObject("lfs")
                .put("sha256", sha256(content))
                .put("size", content.length)
                .put("pointerSize", 134);
          } else {
            sibling.put("blobId", gitId(content));
          }
        });
    return root;
  }

  private Reply file(Request request, Repository repository, String name) {
    byte[] content = repository.files.get(name);
    if (content == null) {
      return error(404, "EntryNotFound", "Entry not found")
          .with("X-Repo-Commit", repository.commit);
    }
    if (!isLarge(name)) {
      return content(request, content)
          .with("X-Repo-Commit", repository.commit)
          .with("ETag", '"' + gitId(content) + '"');
    }
    Reply redirect = Reply.of(302).with("X-Repo-Commit", repository.commit);
    if (!linksContents) {
      return redirect
          .with("ETag", '"' + sha256("the redirect".getBytes(StandardCharsets.UTF_8)) + '"')
          .with("Location", network.address() + "/blobs/" + sha256(content));
    }
    return redirect
        .with("X-Linked-Size", String.valueOf(content.length))
        .with("X-Linked-ETag", '"' + sha256(content) + '"')
        .with("Location", network.address() + "/blobs/" + sha256(content) + "?Signature=s3cr3t");
  }

  private Reply answerOfNetwork(Request request) {
    String digest = request.path().replace("/blobs/", "");
    Optional<byte[]> content =
        repositories.values().stream()
            .flatMap(repository -> repository.files.values().stream())
            .filter(bytes -> sha256(bytes).equals(digest))
            .findFirst();
    return content.isEmpty()
        ? Reply.of(403)
        : content(request, content.get())
            .with("ETag", '"' + sha256("of the network".getBytes(StandardCharsets.UTF_8)) + '"');
  }

  /** The content, or the range of it that is asked for. */
  public static Reply content(Request request, byte[] content) {
    Matcher range = RANGE.matcher(request.headers().getOrDefault("range", ""));
    if (!range.matches()) {
      return Reply.of(200).body(content);
    }
    int start = Integer.parseInt(range.group(1));
    if (start >= content.length) {
      return Reply.of(416).with("Content-Range", "bytes */" + content.length);
    }
    return Reply.of(206)
        .with(
            "Content-Range", "bytes %d-%d/%d".formatted(start, content.length - 1, content.length))
        .body(Arrays.copyOfRange(content, start, content.length));
  }

  @Override
  public void close() {
    hub.close();
    network.close();
  }
}
