/** {@code cross-encoder models}: prints the catalog of pretrained models. */
package dev.crossencoder.cli.catalog;
