package dev.crossencoder.model.hub;

import java.util.Optional;

/** Which commit a revision of a model is; {@link ModelHub#download} brings its files. */
public final class HubRevision {
  private final HubModelId id;
  private final String commit;
  private final Optional<RepositoryListing> listing;
  private final Optional<HubException> failure;

  private HubRevision(
      HubModelId id,
      String commit,
      Optional<RepositoryListing> listing,
      Optional<HubException> failure) {
    this.id = id;
    this.commit = commit;
    this.listing = listing;
    this.failure = failure;
  }

  /** The hub was asked. */
  static HubRevision listed(HubModelId id, RepositoryListing listing) {
    return new HubRevision(id, listing.commit(), Optional.of(listing), Optional.empty());
  }

  /** The hub was not asked: the commit was given, or is the one in the cache. */
  static HubRevision known(HubModelId id, String commit) {
    return new HubRevision(id, commit, Optional.empty(), Optional.empty());
  }

  /** The hub was asked in vain, the commit is the one in the cache. */
  static HubRevision remembered(HubModelId id, String commit, HubException failure) {
    return new HubRevision(id, commit, Optional.empty(), Optional.of(failure));
  }

  /** What was asked for. */
  public HubModelId id() {
    return id;
  }

  /** What the hub calls the repository now, as far as it was asked. */
  public String repository() {
    return listing.map(RepositoryListing::repository).orElse(id.repository());
  }

  /** The commit, 40 hexadecimal digits. */
  public String commit() {
    return commit;
  }

  Optional<RepositoryListing> listing() {
    return listing;
  }

  Optional<HubException> failure() {
    return failure;
  }
}
