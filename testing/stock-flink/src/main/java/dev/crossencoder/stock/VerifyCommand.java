package dev.crossencoder.stock;

import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Reads the committed outputs of the job and compares them with the records that were sent. With
 * {@code --at-least} it only waits for the first outputs.
 */
@Command(name = "verify", description = "Compares committed outputs with the records sent.")
final class VerifyCommand implements Callable<Integer> {
  @Option(names = "--bootstrap-servers", required = true)
  private String bootstrapServers;

  @Option(names = "--output-topic", required = true)
  private String outputTopic;

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

  @Option(
      names = "--model",
      description = "A model that must have scored records. No other model may have scored any.")
  private List<String> models = List.of();

  @Option(
      names = "--others",
      defaultValue = "0",
      description = "The number of records without a number that were also sent.")
  private int others;

  @Option(names = "--patience", required = true, description = "The timeout in seconds.")
  private int patience;

  @Override
  public Integer call() throws Exception {
    Outputs outputs = new Outputs(outputTopic);
    boolean complete = read(outputs, atLeast == null ? records : atLeast);
    if (atLeast != null) {
      System.out.printf("%d records have an output%n", outputs.numbers());
      return complete ? 0 : 1;
    }
    Map<String, CrossEncoder> byDigest = new HashMap<>();
    List<String> problems;
    try {
      for (String model : models) {
        Bundle bundle = ModelRepository.shared().resolve(model);
        byDigest.put(bundle.digest(), CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT));
      }
      problems = outputs.problems(records, others, byDigest);
    } finally {
      byDigest.values().forEach(CrossEncoder::close);
    }
    System.out.println(outputs);
    problems.stream().limit(20).forEach(problem -> System.out.println("  " + problem));
    return problems.isEmpty() ? 0 : 1;
  }

  /**
   * Reads until the given number of records has an output and all committed outputs are read, or
   * the timeout has passed.
   */
  private boolean read(Outputs outputs, int expected) throws Exception {
    return new Topics(bootstrapServers)
        .read(
            outputs.topics(),
            Duration.ofSeconds(patience),
            atLeast == null,
            new Topics.Reader() {
              @Override
              public void add(ConsumerRecord<byte[], byte[]> output) {
                outputs.add(output);
              }

              @Override
              public boolean hasEnough() {
                return outputs.numbers() >= expected;
              }
            });
  }
}
