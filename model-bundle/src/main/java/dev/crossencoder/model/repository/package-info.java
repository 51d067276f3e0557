/**
 * From a name to a bundle: {@link dev.crossencoder.model.repository.ModelRepository} accepts the
 * path of a bundle or a checkpoint, the name of an embedded model, or the name of a model of the
 * hub. It compiles a model that is not in the {@link dev.crossencoder.model.repository.BundleCache}
 * yet.
 */
package dev.crossencoder.model.repository;
