package dev.crossencoder.cli.catalog;

import java.time.Duration;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** How long a command waits for a change of a model. */
final class WaitOption {
  @Option(
      names = "--wait",
      paramLabel = "TIME",
      defaultValue = "10min",
      description =
          "How long to wait until the job uses the model; 0s to only ask for it (default: ${DEFAULT-VALUE}).")
  private String wait;

  /** Returns the time. */
  Duration duration(CommandLine command) {
    try {
      return TimeUtils.parseDuration(wait);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          command,
          "Invalid --wait: %s. It must be a time such as 30s or 10min.".formatted(wait),
          e);
    }
  }
}
