/** {@code cross-encoder rank}: reads documents from files and ranks them by a query. */
package dev.crossencoder.cli.rank;
