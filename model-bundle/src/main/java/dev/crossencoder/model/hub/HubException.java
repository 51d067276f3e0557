package dev.crossencoder.model.hub;

import static java.util.Objects.requireNonNull;

import java.io.IOException;

/**
 * Why a model cannot be had from the hub or its cache. The message says what can be done; it never
 * holds the token.
 */
public final class HubException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What went wrong, for callers that decide whether to try again. */
  public enum Kind {
    /** There is no such model, or it is private: the hub tells no difference. */
    NOT_FOUND(false),
    /** The model has no such revision. */
    REVISION_NOT_FOUND(false),
    /** The revision lacks a file that it lists. */
    FILE_NOT_FOUND(false),
    /** The hub refuses the token, or what it may read does not include the model. */
    UNAUTHORIZED(false),
    /** The model's terms have to be accepted first. */
    GATED(false),
    /** What the repository holds is no checkpoint: no configuration, no tokenizer. */
    INCOMPLETE(false),
    /** The repository has no weights in safetensors format. */
    NO_WEIGHTS(false),
    /** The repository has an adapter, which would have to be merged into weights. */
    ADAPTER(false),
    /** A file is not what the hub says it is, twice. */
    DAMAGED(false),
    /** What answers does not behave like the hub: a login page, a redirect loop. */
    UNEXPECTED_ANSWER(false),
    /** Offline mode is on and the cache lacks the model. */
    OFFLINE(true),
    /** The hub cannot be reached, is overloaded, or breaks off again and again. */
    UNREACHABLE(true),
    /** The disk of the cache is full. */
    NO_SPACE(true),
    /** The cache cannot be written or read. */
    CACHE(true);

    private final boolean mayHeal;

    Kind(boolean mayHeal) {
      this.mayHeal = mayHeal;
    }

    /** Whether trying again later may help although nobody changes the model's name. */
    public boolean mayHeal() {
      return mayHeal;
    }
  }

  private final Kind kind;

  HubException(Kind kind, String message) {
    super(message);
    this.kind = requireNonNull(kind, "kind is null");
  }

  HubException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = requireNonNull(kind, "kind is null");
  }

  /** What went wrong. */
  public Kind kind() {
    return kind;
  }
}
