/**
 * A client of the Hugging Face hub. It resolves a revision to a commit, and downloads the files of
 * the checkpoint into the cache that the Python client {@code huggingface_hub} uses. It does not
 * depend on bundles.
 */
package dev.crossencoder.model.hub;
