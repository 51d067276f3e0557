package dev.crossencoder.cli.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.cli.CommandLineFixture;
import dev.crossencoder.cli.local.LocalCluster;
import dev.crossencoder.cli.local.LocalJob;
import dev.crossencoder.cli.local.LocalTopics;
import dev.crossencoder.kafka.EmbeddedKafka;
import dev.crossencoder.model.repository.ModelRepository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.execution.JobClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The models of a running job, from the command line. */
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class JobModelsITCase {
  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static LocalCluster flink;
  private static JobClient job;
  private static Path file;

  @BeforeAll
  static void start() throws Exception {
    kafka = EmbeddedKafka.start(folder.resolve("kafka"));
    flink = LocalCluster.start(1, folder.resolve("flink"));
    LocalTopics topics = LocalTopics.of("models");
    for (String topic : List.of(topics.input(), topics.output(), topics.deadLetters())) {
      kafka.createTopic(topic, 1);
    }
    kafka.createTopic("control", 1, Map.of("cleanup.policy", "compact"));
    Map<String, String> options =
        Map.of(
            "checkpoint.interval", "1s",
            "parallelism", "1",
            "cross-encoder.model", "demo-qa",
            "cross-encoder.model-wait", "0s",
            "model.update", "topic",
            "model.control-topic", "control");
    job = LocalJob.submit(flink, "models", kafka.bootstrapServers(), topics, options);
    file =
        Files.writeString(
            folder.resolve("job.yaml"),
            """
            job.name: models
            bootstrap-servers: %s
            input.topic: %s
            output.topic: %s
            checkpoint.interval: 1s
            cross-encoder.model: demo-qa
            model.update: topic
            model.control-topic: control
            """
                .formatted(kafka.bootstrapServers(), topics.input(), topics.output()));
  }

  @AfterAll
  static void stop() throws Exception {
    job.cancel().get();
    flink.close();
    kafka.close();
  }

  private static String digest(String model) {
    return ModelRepository.shared().resolve(model).digest();
  }

  private static CommandLineFixture run(int exitCode, String... arguments) {
    CommandLineFixture command = new CommandLineFixture();
    assertThat(command.run(arguments)).as("%s%s", command.out(), command.err()).isEqualTo(exitCode);
    return command;
  }

  @Test
  @Order(1)
  void thereIsNothingToGoBackToAtFirst() {
    // The first status may not be written yet.
    await()
        .until(
            () -> new CommandLineFixture().run("models", "status", "--job", file.toString()) == 0);

    assertThat(run(1, "models", "rollback", "--job", file.toString()).err())
        .contains("There is no model to go back to");
  }

  @Test
  @Order(2)
  void aModelIsPromoted() throws Exception {
    String out =
        run(0, "models", "promote", "--job", file.toString(), "--model", "demo-rank").out();

    assertThat(out)
        .contains("Asked the job models for demo-rank.")
        .contains("demo-rank " + digest("demo-rank").substring(0, 15) + " is in use, version 2.");
    String status = run(0, "models", "status", "--job", file.toString()).out();
    assertThat(status.lines().map(line -> line.strip().replaceAll(" {2,}", " | ")))
        .first()
        .isEqualTo("name | state | version | in use | before | wanted | since");
    assertThat(status)
        .contains("(only)")
        .contains("demo-rank " + digest("demo-rank").substring(0, 15))
        .contains("demo-qa " + digest("demo-qa").substring(0, 15));
  }

  @Test
  @Order(3)
  void aModelThatCannotBeUsedIsAnError() throws Exception {
    CommandLineFixture promote =
        run(1, "models", "promote", "--job", file.toString(), "--model", "/no/such/model");

    assertThat(promote.err())
        .contains("The model is not used: Subtask 0:")
        .contains("Cannot find the model /no/such/model");
    String json = run(0, "models", "status", "--job", file.toString(), "--json").out();
    assertThat(new ObjectMapper().readTree(json).at("/state").asText()).isEqualTo("FAILED");
    assertThat(new ObjectMapper().readTree(json).at("/active/model").asText())
        .isEqualTo("demo-rank");
  }

  @Test
  @Order(4)
  void aRollbackLeadsBack() {
    String out = run(0, "models", "rollback", "--job", file.toString()).out();

    assertThat(out).contains("demo-qa " + digest("demo-qa").substring(0, 15) + " is in use");
  }

  @Test
  @Order(5)
  void mistakesAreNamed() throws Exception {
    Path never =
        Files.writeString(
            folder.resolve("never.yaml"),
            Files.readString(file).replaceAll("(?m)^model\\..*\n", ""));

    assertThat(run(1, "models", "status", "--job", never.toString()).err())
        .contains("has no model.control-topic. Set it");
    assertThat(
            run(
                    1,
                    "models",
                    "promote",
                    "--job",
                    file.toString(),
                    "--model",
                    "demo-rank",
                    "--name",
                    "en")
                .err())
        .contains("Invalid --name: en. The job has one model, without a name: leave it out.");
    assertThat(
            run(
                    2,
                    "models",
                    "promote",
                    "--job",
                    file.toString(),
                    "--model",
                    "demo-rank",
                    "--from",
                    "tomorrow")
                .err())
        .contains("Invalid --from: tomorrow.");
    assertThat(
            run(
                    2,
                    "models",
                    "promote",
                    "--job",
                    file.toString(),
                    "--model",
                    "demo-rank",
                    "--wait",
                    "long")
                .err())
        .contains("Invalid --wait: long.");
  }
}
