package dev.crossencoder.model.hub;

import java.nio.file.Path;

/**
 * A checkpoint of the hub on disk.
 *
 * @param repository the current name of the repository; it differs from the requested one if the
 *     repository was renamed
 * @param commit the commit, 40 hexadecimal digits
 * @param folder the folder with {@code config.json}, the weights and the tokenizer's files. Other
 *     processes use it too, so it must not be changed.
 * @param listed whether the hub returned the list of the commit's files. If not, optional files may
 *     be missing.
 */
public record HubSnapshot(String repository, String commit, Path folder, boolean listed) {}
