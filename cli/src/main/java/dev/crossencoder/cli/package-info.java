/**
 * The command line {@code cross-encoder}.
 *
 * <p>{@link dev.crossencoder.cli.CrossEncoderCli} lists the commands. Commands that consist of
 * several classes have a package each: {@code demo}, {@code score}, {@code parity}, {@code
 * evaluate} and {@code catalog}, for example. None of these uses another one; all may use {@code
 * command}.
 */
package dev.crossencoder.cli;
