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
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/** The two requests of the hub's API that downloads need: for a revision, and for a file. */
final class HubApi {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** The largest listings of models have less than 1 MB. */
  private static final int MAX_LISTING_BYTES = 16 << 20;

  private static final String REPO_COMMIT = "X-Repo-Commit";

  private final HubSettings settings;
  private final HubHttp http;
  private final Waiter waiter;

  /** The last listing of each revision that was asked for. A branch that is polled has one. */
  private final Map<URI, Known> listings = new ConcurrentHashMap<>();

  /** A listing, and the ETag by which the hub tells whether it has changed. */
  private record Known(String etag, RepositoryListing listing) {}

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

  /** Requests the commit of a revision and the list of its files. */
  RepositoryListing listing(HubModelId id) throws IOException {
    URI uri =
        URI.create(
            "%s/api/models/%s/revision/%s?blobs=true"
                .formatted(settings.endpoint(), id.repository(), quote(id.revision())));
    RepositoryListing listing =
        retries("look up %s".formatted(id)).call(() -> listing(id, uri, listings.get(uri)));
    return listing.commit().isEmpty() ? withCommit(id, listing) : listing;
  }

  private RepositoryListing listing(HubModelId id, URI uri, Known known) throws IOException {
    try (HubResponse response =
        known == null ? http.read(uri) : http.readUnless(uri, known.etag())) {
      if (known != null && response.status() == HttpURLConnection.HTTP_NOT_MODIFIED) {
        return known.listing();
      }
      RepositoryListing listing =
          new ListingParser(settings, id, HubHttp.shown(uri)).parse(json(id, uri, response));
      Optional<String> etag = response.header("ETag");
      if (etag.isPresent() && !listing.commit().isEmpty()) {
        listings.put(uri, new Known(etag.get(), listing));
      }
      return listing;
    }
  }

  /** Adds the commit to a listing of a mirror that omits it. Responses for files contain it too. */
  private RepositoryListing withCommit(HubModelId id, RepositoryListing listing)
      throws IOException {
    URI uri = file(id, id.revision(), CheckpointFiles.CONFIG);
    Optional<String> commit =
        retries("look up %s".formatted(id))
            .call(
                () -> {
                  try (HubResponse response = head(uri)) {
                    requireFile(id, CheckpointFiles.CONFIG, response);
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

  private JsonNode json(HubModelId id, URI uri, HubResponse response) throws IOException {
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
          uri,
          response.isHtml() ? "is a web page, perhaps of a proxy or a login" : "is not valid JSON");
    }
    throw unexpected(uri, "is not a JSON object");
  }

  /** The URL of a file. */
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

  /** Requests the metadata of a file, without its content; empty if the commit has no such file. */
  Optional<RemoteFile> metadata(HubModelId id, String commit, String name) throws IOException {
    URI uri = file(id, commit, name);
    return retries("look up %s of %s".formatted(name, id))
        .call(
            () -> {
              try (HubResponse response = head(uri)) {
                if (response.status() == HttpURLConnection.HTTP_NOT_FOUND
                    && AnswerErrors.isMissingFile(response)) {
                  return Optional.empty();
                }
                requireFile(id, name, response);
                return Optional.of(remoteFile(uri, commit, name, response));
              }
            });
  }

  /** Sends HEAD, or GET if a mirror or CDN refuses HEAD. */
  private HubResponse head(URI uri) throws IOException {
    HubResponse response = http.head(uri);
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

  private void requireFile(HubModelId id, String name, HubResponse response) throws IOException {
    // A redirect is a success here: the endpoint has described the file to which it redirects.
    if (response.status() >= 400 || response.status() == HttpURLConnection.HTTP_NO_CONTENT) {
      throw AnswerErrors.ofFile(settings, id, name, response);
    }
  }

  private static RemoteFile remoteFile(URI uri, String commit, String name, HubResponse response)
      throws HubException {
    Optional<String> found = response.firstHeader(REPO_COMMIT);
    if (found.isPresent() && !found.get().equals(commit)) {
      throw unexpected(uri, "belongs to another commit than the requested one");
    }
    // The ETag of a CDN or of a redirect does not identify the content.
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
