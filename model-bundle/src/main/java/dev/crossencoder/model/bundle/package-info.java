/**
 * The compiled model on disk. {@link dev.crossencoder.model.bundle.Bundle} is a folder whose files
 * have been checked against their digests; {@link dev.crossencoder.model.bundle.BundleManifest} is
 * its {@code bundle.json}; {@link dev.crossencoder.model.bundle.Engine} and {@link
 * dev.crossencoder.model.bundle.InputForm} say what runs the program and how it takes a batch.
 */
package dev.crossencoder.model.bundle;
