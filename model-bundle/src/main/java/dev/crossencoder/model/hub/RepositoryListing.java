package dev.crossencoder.model.hub;

import java.util.Map;
import java.util.Optional;

/**
 * The hub's description of a commit.
 *
 * @param repository the current name of the repository
 * @param commit 40 hexadecimal digits
 * @param files the files of the commit by path; empty if the hub does not list them
 */
record RepositoryListing(
    String repository, String commit, Optional<Map<String, RemoteFile>> files) {}
