/** {@code cross-encoder parity}: compares the scores of a model with known scores (goldens). */
package dev.crossencoder.cli.parity;
