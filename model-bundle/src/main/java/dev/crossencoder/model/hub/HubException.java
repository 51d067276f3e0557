package dev.crossencoder.model.hub;

import static java.util.Objects.requireNonNull;

import java.io.IOException;

/**
 * A model cannot be read from the hub or its cache. The message says what the user can do, and
 * never contains the token.
 */
public final class HubException extends IOException {
  private static final long serialVersionUID = 1L;

  /** The kind of failure, for callers that decide about a retry. */
  public enum Kind {
    /** There is no such model, or it is private: the hub answers the same for both. */
    NOT_FOUND(false),
    /** The model has no such revision. */
    REVISION_NOT_FOUND(false),
    /** The revision lacks a file that it lists. */
    FILE_NOT_FOUND(false),
    /** The hub refuses the token, or the token has no access to the model. */
    UNAUTHORIZED(false),
    /** The user must accept the model's terms first. */
    GATED(false),
    /** The repository is not a checkpoint: it has no configuration or no tokenizer. */
    INCOMPLETE(false),
    /** The repository has no weights in safetensors format. */
    NO_WEIGHTS(false),
    /** The repository has a PEFT adapter, which must be merged into the weights first. */
    ADAPTER(false),
    /** The size or digest of a downloaded file was wrong twice. */
    DAMAGED(false),
    /** The server does not behave like the hub, for example a login page or a redirect loop. */
    UNEXPECTED_ANSWER(false),
    /** Offline mode is on and the cache does not contain the model. */
    OFFLINE(true),
    /** The hub is unreachable or overloaded, or connections break again and again. */
    UNREACHABLE(true),
    /** The disk of the cache is full. */
    NO_SPACE(true),
    /** The cache cannot be written or read. */
    CACHE(true);

    private final boolean mayHeal;

    Kind(boolean mayHeal) {
      this.mayHeal = mayHeal;
    }

    /** Whether a later retry with the same model may succeed. */
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

  /** The kind of failure. */
  public Kind kind() {
    return kind;
  }
}
