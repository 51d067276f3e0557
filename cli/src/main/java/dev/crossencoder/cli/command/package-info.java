/**
 * Classes that several commands share: model options, progress, standard output, errors, exit
 * codes.
 */
package dev.crossencoder.cli.command;
