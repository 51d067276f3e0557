package dev.crossencoder.stock;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands that {@code testing/stock-flink/check} and {@code check-sql} call. */
@Command(
    name = "stock-flink",
    mixinStandardHelpOptions = true,
    subcommands = {
      BrokerCommand.class,
      SendCommand.class,
      VerifyCommand.class,
      SqlPairsCommand.class,
      SqlSendCommand.class,
      SqlVerifyCommand.class
    })
final class StockFlinkCli {
  private StockFlinkCli() {}

  /** Runs a command and ends the process with exit code 0 if all checks pass. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new StockFlinkCli()).execute(arguments));
  }
}
