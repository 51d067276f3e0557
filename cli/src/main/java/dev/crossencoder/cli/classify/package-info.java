/** {@code cross-encoder classify}: classifies the texts of files without training. */
package dev.crossencoder.cli.classify;
