package dev.crossencoder.stock;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints each different pair once, as input of {@code bin/cross-encoder score}. */
@Command(name = "sql-pairs", description = "Prints the pairs of the records as JSON Lines.")
final class SqlPairsCommand implements Callable<Integer> {
  @Option(names = "--records", required = true, description = "The number of records.")
  private int records;

  @Override
  public Integer call() throws Exception {
    for (int number = 0; number < Math.min(records, NumberedRecord.PAIRS); number++) {
      System.out.write(SqlFormat.JSON.pair(new NumberedRecord(number)));
      System.out.println();
    }
    return 0;
  }
}
