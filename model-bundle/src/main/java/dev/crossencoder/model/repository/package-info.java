/**
 * From a name to a bundle: {@link dev.crossencoder.model.repository.ModelRepository} takes the path
 * of a bundle or a checkpoint, the name of an embedded model or one of the hub, and compiles what
 * is not yet in the {@link dev.crossencoder.model.repository.BundleCache}.
 */
package dev.crossencoder.model.repository;
