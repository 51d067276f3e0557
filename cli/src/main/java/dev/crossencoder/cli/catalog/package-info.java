/**
 * {@code cross-encoder models}: prints the catalog of pretrained models, and shows and changes the
 * models of a running job.
 */
package dev.crossencoder.cli.catalog;
