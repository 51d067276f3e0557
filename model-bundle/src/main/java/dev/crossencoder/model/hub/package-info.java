/**
 * A client of the Hugging Face hub: finds out which commit a revision is, and brings the files of
 * the checkpoint into the cache that the hub's own Python client uses. Knows nothing of bundles.
 */
package dev.crossencoder.model.hub;
