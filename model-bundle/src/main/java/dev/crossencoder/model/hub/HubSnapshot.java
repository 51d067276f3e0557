package dev.crossencoder.model.hub;

import java.nio.file.Path;

/**
 * A checkpoint of the hub on disk.
 *
 * @param repository what the hub calls the repository now: another name than the one asked for if
 *     it was renamed
 * @param commit the commit, 40 hexadecimal digits
 * @param folder the folder with {@code config.json}, the weights and the tokenizer's files; others
 *     use it too, so it is only read
 * @param listed whether the hub has said which files the commit has; without that, files that a
 *     checkpoint can do without may be missing
 */
public record HubSnapshot(String repository, String commit, Path folder, boolean listed) {}
