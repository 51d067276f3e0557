/** The texts that commands read from files: lines, whole files, JSON Lines and tables. */
package dev.crossencoder.cli.document;
