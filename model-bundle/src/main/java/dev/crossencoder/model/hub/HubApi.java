package dev.crossencoder.model.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.model.hub.HubException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/** The two kinds of requests that a download needs: what a revision is, and what a file is. */
final class HubApi {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** The largest listings of models are below 1 MB. */
  private static final int MAX_LISTING_BYTES = 16 << 20;

  private static final String REPO_COMMIT = "X-Repo-Commit";

  private final HubSettings settings;
  private final HubHttp http;
  private final Waiter waiter;

  HubApi(HubSettings settings, Waiter waiter) {
    this.settings = settings;
    this.http = new HubHttp(settings);
    this.waiter = waiter;
  }

  HubHttp http() {
    return http;
  }

  Retries retries(String what) {
    return new Retries(what, settings, waiter, () -> ThreadLocalRandom.current().nextDouble());
  }

  /** Asks which commit the revision is and what files it has. */
  RepositoryListing listing(HubModelId id) throws IOException {
    URI uri =
        URI.create(
            "%s/api/models/%s/revision/%s?blobs=true"
                .formatted(settings.endpoint(), id.repository(), quote(id.revision())));
    JsonNode root = retries("look up %s".formatted(id)).call(() -> json(id, uri));
    RepositoryListing listing = new ListingParser(settings, id, HubHttp.shown(uri)).parse(root);
    return listing.commit().isEmpty() ? withCommit(id, listing) : listing;
  }

  /** Mirrors may leave the commit out of the listing; files carry it too. */
  private RepositoryListing withCommit(HubModelId id, RepositoryListing listing)
      throws IOException {
    URI uri = file(id, id.revision(), CheckpointFiles.CONFIG);
    Optional<String> commit =
        retries("look up %s".formatted(id))
            .call(
                () -> {
                  try (HubResponse response = look(uri)) {
                    failUnlessFile(id, CheckpointFiles.CONFIG, response);
                    return response.firstHeader(REPO_COMMIT);
                  }
                });
    if (commit.filter(HubModelId::isCommit).isEmpty()) {
      throw unexpected(uri, "does not say which commit %s is".formatted(id.revision()));
    }
    if (id.isPinned() && !commit.get().equals(id.revision())) {
      throw unexpected(uri, "is of the commit %s".formatted(commit.get()));
    }
    return new RepositoryListing(listing.repository(), commit.get(), listing.files());
  }

  private JsonNode json(HubModelId id, URI uri) throws IOException {
    try (HubResponse response = http.read(uri)) {
      if (response.status() != HttpURLConnection.HTTP_OK) {
        throw AnswerErrors.of(settings, id, response);
      }
      byte[] bytes;
      try (InputStream body = response.body()) {
        bytes = body.readNBytes(MAX_LISTING_BYTES + 1);
      }
      if (bytes.length > MAX_LISTING_BYTES) {
        throw unexpected(uri, "is longer than %d bytes".formatted(MAX_LISTING_BYTES));
      }
      try {
        JsonNode root = MAPPER.readTree(bytes);
        if (root != null && root.isObject()) {
          return root;
        }
      } catch (JsonProcessingException e) {
        throw unexpected(
            uri, response.isHtml() ? "is a web page, perhaps of a proxy or a login" : "is no JSON");
      }
      throw unexpected(uri, "is no JSON object");
    }
  }

  /** The address of a file. */
  URI file(HubModelId id, String commit, String name) {
    return URI.create(
        "%s/%s/resolve/%s/%s"
            .formatted(
                settings.endpoint(),
                id.repository(),
                quote(commit),
                Arrays.stream(name.split("/"))
                    .map(HubApi::quote)
                    .collect(Collectors.joining("/"))));
  }

  /** Asks what a file is without reading it; empty if the commit has none of that name. */
  Optional<RemoteFile> metadata(HubModelId id, String commit, String name) throws IOException {
    URI uri = file(id, commit, name);
    return retries("look up %s of %s".formatted(name, id))
        .call(
            () -> {
              try (HubResponse response = look(uri)) {
                if (response.status() == HttpURLConnection.HTTP_NOT_FOUND
                    && AnswerErrors.isMissingFile(response)) {
                  return Optional.empty();
                }
                failUnlessFile(id, name, response);
                return Optional.of(remoteFile(uri, commit, name, response));
              }
            });
  }

  /** Some mirrors and content networks refuse HEAD. */
  private HubResponse look(URI uri) throws IOException {
    HubResponse response = http.look(uri);
    int status = response.status();
    boolean refused =
        status == HttpURLConnection.HTTP_BAD_METHOD
            || status == HttpURLConnection.HTTP_NOT_IMPLEMENTED
            || (status >= 400 && !response.isFromEndpoint());
    if (!refused) {
      return response;
    }
    response.close();
    return http.read(uri);
  }

  private void failUnlessFile(HubModelId id, String name, HubResponse response) throws IOException {
    // A redirect is returned if the endpoint has described the file that it leads to.
    if (response.status() >= 400 || response.status() == HttpURLConnection.HTTP_NO_CONTENT) {
      throw AnswerErrors.ofFile(settings, id, name, response);
    }
  }

  private static RemoteFile remoteFile(URI uri, String commit, String name, HubResponse response)
      throws HubException {
    Optional<String> found = response.firstHeader(REPO_COMMIT);
    if (found.isPresent() && !found.get().equals(commit)) {
      throw unexpected(uri, "is not of the commit that was asked for");
    }
    // A content network's own tag is not the hub's word on the content, nor is a redirect's.
    Optional<String> etag =
        response
            .firstHeader(HubHttp.LINKED_ETAG)
            .or(() -> response.isFromEndpoint() ? response.header("ETag") : Optional.empty());
    OptionalLong size = HubResponse.number(response.firstHeader("X-Linked-Size"));
    if (size.isEmpty() && response.status() == HttpURLConnection.HTTP_OK) {
      size = response.bodyLength();
    }
    return RemoteFile.of(name, size, etag);
  }

  private static HubException unexpected(URI uri, String what) {
    return new HubException(
        Kind.UNEXPECTED_ANSWER,
        "Cannot use the answer of %s, it %s. Check HF_ENDPOINT and HTTPS_PROXY."
            .formatted(HubHttp.shown(uri), what));
  }

  private static String quote(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
