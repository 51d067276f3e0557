package dev.crossencoder.model.hub;

import java.util.Map;
import java.util.Optional;

/**
 * What the hub says of a commit.
 *
 * @param repository what the hub calls the repository
 * @param commit 40 hexadecimal digits
 * @param files the files of the repository by name; empty if the hub does not list them
 */
record RepositoryListing(
    String repository, String commit, Optional<Map<String, RemoteFile>> files) {}
