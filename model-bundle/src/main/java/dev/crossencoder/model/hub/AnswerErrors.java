package dev.crossencoder.model.hub;

import dev.crossencoder.model.hub.HubException.Kind;
import java.io.IOException;

/** Translates HTTP error responses of the hub into exceptions that say what the user can do. */
final class AnswerErrors {
  private static final int TOO_MANY_REQUESTS = 429;
  private static final String CODE = "X-Error-Code";

  private final HubSettings settings;
  private final HubModelId id;
  private final HubResponse response;
  private final String message;

  private AnswerErrors(HubSettings settings, HubModelId id, HubResponse response) {
    this.settings = settings;
    this.id = id;
    this.response = response;
    this.message = response.errorMessage();
  }

  /** Returns the exception for a response about a model. */
  static IOException of(HubSettings settings, HubModelId id, HubResponse response) {
    return new AnswerErrors(settings, id, response).error("look up %s".formatted(id), false);
  }

  /** Returns the exception for a response about a file of a model. */
  static IOException ofFile(
      HubSettings settings, HubModelId id, String name, HubResponse response) {
    return new AnswerErrors(settings, id, response)
        .error("read %s of %s".formatted(name, id), true);
  }

  /** Whether a response with status 404 means that the file is missing, not the repository. */
  static boolean isMissingFile(HubResponse response) {
    String code = response.header(CODE).orElse("EntryNotFound");
    return code.equals("EntryNotFound");
  }

  private IOException error(String what, boolean file) {
    int status = response.status();
    String host = response.uri().getRawAuthority();
    if (status == TOO_MANY_REQUESTS || status == 408 || status == 425 || status >= 500) {
      String advice =
          status == TOO_MANY_REQUESTS && settings.token().isEmpty()
              ? " (a token in HF_TOKEN raises the hub's limits)"
              : "";
      return new TransientFailure(
          "%s answered %d%s%s".formatted(host, status, serverMessage(), advice),
          response.header("Retry-After"));
    }
    if (!response.isFromEndpoint()) {
      // Signed URLs of a CDN expire. The endpoint gives a new one.
      return new TransientFailure(
          "%s, to which the hub redirects, answered %d%s".formatted(host, status, serverMessage()),
          response.header("Retry-After"));
    }
    return switch (response.header(CODE).orElse("")) {
      case "GatedRepo" -> gated();
      case "RevisionNotFound" -> revisionNotFound();
      case "EntryNotFound" -> fileNotFound(what);
      case "RepoNotFound" -> notFound();
      default -> byStatus(what, file);
    };
  }

  private HubException byStatus(String what, boolean file) {
    return switch (response.status()) {
      case 401 -> unauthorized();
      case 403 -> forbidden(what);
      case 404 -> file ? fileNotFound(what) : notFound();
      case 410 -> notFound();
      case 451 -> forbidden(what);
      default ->
          new HubException(
              Kind.UNEXPECTED_ANSWER,
              "Cannot %s, %s answered %d%s. Check HF_ENDPOINT and HTTPS_PROXY."
                  .formatted(what, settings.endpoint(), response.status(), serverMessage()));
    };
  }

  private HubException gated() {
    return new HubException(
        Kind.GATED,
        "Cannot read the model %s, it is gated%s. Accept its terms on %s, and %s."
            .formatted(
                id,
                serverMessage(),
                settings.page(id),
                settings
                    .token()
                    .map(
                        token ->
                            "see that the token from %s belongs to that account and may read gated repositories"
                                .formatted(token.source()))
                    .orElse("set HF_TOKEN to a token of that account")));
  }

  /** Without a valid token the hub answers the same for private and for missing models. */
  private HubException unauthorized() {
    if (settings.token().isPresent()) {
      return new HubException(
          Kind.UNAUTHORIZED,
          "Cannot read the model %s, %s refuses the token from %s%s. Replace or remove that token."
              .formatted(
                  id, settings.endpoint(), settings.token().get().source(), serverMessage()));
    }
    return notFound();
  }

  private HubException forbidden(String what) {
    return new HubException(
        Kind.UNAUTHORIZED,
        "Cannot %s, %s forbids it%s. %s"
            .formatted(
                what,
                settings.endpoint(),
                serverMessage(),
                settings
                    .token()
                    .map(
                        token ->
                            "See that the token from %s may read the model."
                                .formatted(token.source()))
                    .orElse("Set HF_TOKEN to a token that may read the model.")));
  }

  private HubException notFound() {
    String revision =
        id.revision().equals(HubModelId.DEFAULT_REVISION)
            ? ""
            : " (or it has no revision %s)".formatted(id.revision());
    return new HubException(
        Kind.NOT_FOUND,
        "Cannot find the model %s on %s%s. Either there is none of that name%s, or it is private and %s."
            .formatted(
                id.repository(),
                settings.endpoint(),
                serverMessage(),
                revision,
                settings
                    .token()
                    .map(token -> "the token from %s may not read it".formatted(token.source()))
                    .orElse("HF_TOKEN has to be set to a token that may read it")));
  }

  private HubException revisionNotFound() {
    return new HubException(
        Kind.REVISION_NOT_FOUND,
        "Cannot find the revision %s of the model %s%s. %s lists its branches, tags and commits."
            .formatted(
                id.revision(),
                id.repository(),
                serverMessage(),
                settings.page(id) + "/commits/main"));
  }

  private HubException fileNotFound(String what) {
    return new HubException(
        Kind.FILE_NOT_FOUND,
        "Cannot %s, %s has no such file%s.".formatted(what, settings.endpoint(), serverMessage()));
  }

  private String serverMessage() {
    return message.isEmpty() ? "" : " (it says: %s)".formatted(message);
  }
}
