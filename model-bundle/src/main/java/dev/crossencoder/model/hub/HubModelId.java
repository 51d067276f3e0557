package dev.crossencoder.model.hub;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A model on the hub, written {@code owner/name} or {@code owner/name@revision}. The oldest models
 * have no owner. Both parts are validated, because they become parts of URLs and of paths in the
 * cache.
 *
 * @param repository {@code owner/name} or {@code name}
 * @param revision a branch, a tag, or a full or short commit id
 */
public record HubModelId(String repository, String revision) {
  /** The branch that is used if no revision is given. */
  public static final String DEFAULT_REVISION = "main";

  /** The hub's rule: letters and digits, with {@code _ . -} between them. */
  private static final Pattern SEGMENT =
      Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?");

  /** A subset of Git's rule, without characters that are special in paths or shells. */
  private static final Pattern REVISION_SEGMENT =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.+=-]{0,199}");

  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern COMMIT_IN_ANY_CASE = Pattern.compile("[0-9a-fA-F]{40}");

  public HubModelId {
    requireNonNull(repository, "repository is null");
    requireNonNull(revision, "revision is null");
    checkRepository(repository);
    checkRevision(revision);
    if (COMMIT_IN_ANY_CASE.matcher(revision).matches()) {
      revision = revision.toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Parses {@code owner/name} or {@code name}, each with or without {@code @revision}.
   *
   * @throws IllegalArgumentException if the text has another form
   */
  public static HubModelId parse(String text) {
    int at = text.indexOf('@');
    return at < 0
        ? new HubModelId(text, DEFAULT_REVISION)
        : new HubModelId(text.substring(0, at), text.substring(at + 1));
  }

  private static void checkRepository(String repository) {
    String[] segments = repository.split("/", -1);
    boolean plain = segments.length <= 2;
    for (String segment : segments) {
      plain &= SEGMENT.matcher(segment).matches();
    }
    if (!plain
        || repository.contains("--")
        || repository.contains("..")
        || repository.toLowerCase(Locale.ROOT).endsWith(".git")) {
      throw new IllegalArgumentException(
          "Invalid model id: %s. A model of the hub is named owner/name, with letters, digits and single _ . - in both."
              .formatted(repository));
    }
  }

  private static void checkRevision(String revision) {
    boolean plain = revision.length() <= 200 && !revision.contains("..");
    for (String segment : revision.split("/", -1)) {
      plain &= REVISION_SEGMENT.matcher(segment).matches();
      plain &= !segment.endsWith(".lock") && !segment.endsWith(".");
    }
    if (!plain) {
      throw new IllegalArgumentException(
          "Invalid revision: %s. It must be a branch, a tag or a commit of the model's repository."
              .formatted(revision));
    }
  }

  static boolean isCommit(String text) {
    return COMMIT.matcher(text).matches();
  }

  /** Whether the revision is a full commit id, which never changes its meaning. */
  public boolean isPinned() {
    return isCommit(revision);
  }

  /** The same repository at another revision. */
  public HubModelId at(String newRevision) {
    return new HubModelId(repository, newRevision);
  }

  /** Returns the form that {@link #parse} reads. */
  @Override
  public String toString() {
    return revision.equals(DEFAULT_REVISION) ? repository : repository + "@" + revision;
  }
}
