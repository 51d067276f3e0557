/** {@code cross-encoder score}: scores the pairs of a JSON Lines or CSV file, without Flink. */
package dev.crossencoder.cli.score;
