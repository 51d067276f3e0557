package dev.crossencoder.model.hub;

import java.util.Optional;

/** A revision of a model and its commit. {@link ModelHub#download} downloads its files. */
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

  /** The hub has returned the commit and the list of files. */
  static HubRevision listed(HubModelId id, RepositoryListing listing) {
    return new HubRevision(id, listing.commit(), Optional.of(listing), Optional.empty());
  }

  /** The commit is the requested revision itself, or from the cache; no request was sent. */
  static HubRevision known(HubModelId id, String commit) {
    return new HubRevision(id, commit, Optional.empty(), Optional.empty());
  }

  /** The request failed, and the commit is from the cache. */
  static HubRevision cached(HubModelId id, String commit, HubException failure) {
    return new HubRevision(id, commit, Optional.empty(), Optional.of(failure));
  }

  /** The requested model and revision. */
  public HubModelId id() {
    return id;
  }

  /** The current name of the repository, or the requested name if no request was sent. */
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

  /** Why the hub could not be asked, if the commit is from the cache for that reason. */
  public Optional<HubException> failure() {
    return failure;
  }
}
