package dev.crossencoder.stock;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Reads the committed records of a table's topic, and compares them with the records that were sent
 * and the scores of {@code bin/cross-encoder score}. With {@code --at-least} it only waits for the
 * first ones.
 */
@Command(name = "sql-verify", description = "Compares the topic of a table with expected scores.")
final class SqlVerifyCommand implements Callable<Integer> {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Option(names = "--bootstrap-servers", required = true)
  private String bootstrapServers;

  @Option(names = "--topic", required = true)
  private String topic;

  @Option(names = "--format", required = true)
  private SqlFormat format;

  @Option(
      names = "--records",
      required = true,
      description = "The number of records that were sent, with the numbers from 0.")
  private int records;

  @Option(
      names = "--at-least",
      description =
          "Ends with success as soon as this number of records has an output, without checks.")
  private Integer atLeast;

  @Option(names = "--except", description = "The id of a record that is not looked at.")
  private Integer except;

  @Option(
      names = "--expected",
      required = true,
      description = "The output of bin/cross-encoder score for the pairs of sql-pairs.")
  private Path expected;

  @Option(names = "--patience", required = true, description = "The timeout in seconds.")
  private int patience;

  @Override
  public Integer call() throws Exception {
    SqlOutputs outputs = new SqlOutputs();
    boolean complete = read(outputs, atLeast == null ? records : atLeast);
    System.out.printf("%d records have an output%n", outputs.numbers());
    if (atLeast != null) {
      return complete ? 0 : 1;
    }
    List<String> problems = outputs.problems(records, expectedScores());
    problems.stream().limit(20).forEach(problem -> System.out.println("  " + problem));
    return problems.isEmpty() ? 0 : 1;
  }

  private List<Double> expectedScores() throws IOException {
    List<Double> scores = new ArrayList<>();
    for (String line : Files.readAllLines(expected)) {
      scores.add(MAPPER.readTree(line).required("cross_encoder").required("score").doubleValue());
    }
    return scores;
  }

  /**
   * Reads until the given number of records has an output and all committed outputs are read, or
   * the timeout has passed.
   */
  private boolean read(SqlOutputs outputs, int wanted) throws Exception {
    return new Topics(bootstrapServers)
        .read(
            List.of(topic),
            Duration.ofSeconds(patience),
            atLeast == null,
            new Topics.Reader() {
              @Override
              public void add(ConsumerRecord<byte[], byte[]> output) throws IOException {
                SqlFormat.Scored scored = format.scored(output.value());
                if (except == null || scored.id() != except) {
                  outputs.add(scored);
                }
              }

              @Override
              public boolean hasEnough() {
                return outputs.numbers() >= wanted;
              }
            });
  }
}
