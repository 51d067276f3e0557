package dev.crossencoder.cli.command;

import picocli.CommandLine;

/** The exit codes of commands, besides those of {@link CommandLine.ExitCode}. */
public final class ExitCodes {
  /** The command or one of its checks failed. */
  public static final int FAILURE = 1;

  /** A figure is below a limit of {@code evaluate --fail-below}. */
  public static final int BELOW_LIMIT = 3;

  /** The code that shells report for a process that was ended by SIGINT (Ctrl-C). */
  public static final int INTERRUPTED = 130;

  /** The code that shells report for a process that was ended by SIGPIPE. */
  public static final int NOBODY_READS = 141;

  private ExitCodes() {}
}
