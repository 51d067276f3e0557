package dev.crossencoder.job.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.crossencoder.job.CrossEncoderJob;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class JobArgumentsTest {
  @TempDir Path folder;

  @Test
  void everyOptionHasAFlagOfItsOwnAndIsInTheHelp() {
    String help = help();
    Set<String> flags = new HashSet<>();

    for (ConfigOption<?> option : JobArguments.options()) {
      String flag = JobOptions.flag(option);
      assertThat(flags.add(flag)).as(flag).isTrue();
      assertThat(help).containsPattern(flag + "\\[?=").contains("[" + option.key());
    }
    assertThat(flags).hasSizeGreaterThan(30);
  }

  /** In nested YAML a key with a value cannot have keys below it. */
  @Test
  void noKeyIsTheBeginningOfAnother() {
    List<String> keys =
        new ArrayList<>(JobArguments.options().stream().map(option -> option.key()).toList());
    // In a file it has no value of its own.
    keys.remove("cross-encoder.models");

    for (String key : keys) {
      assertThat(keys).noneMatch(other -> other.startsWith(key + "."));
    }
  }

  @Test
  void modelsHaveOptionsOfTheirOwn() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("job.yaml"),
            """
            cross-encoder:
              models:
                max-loaded: 2
                en: {model: demo-rank}
                de: {model: /models/de, max-length: 128}
            """);

    assertThat(
            read(
                    "--config",
                    file.toString(),
                    "--models",
                    "de.max-length=64",
                    "--models=fr.prompt=a = b",
                    "--route",
                    "/model")
                .toMap())
        .isEqualTo(
            Map.of(
                "cross-encoder.models.max-loaded", "2",
                "cross-encoder.models.en.model", "demo-rank",
                "cross-encoder.models.de.model", "/models/de",
                "cross-encoder.models.de.max-length", "64",
                "cross-encoder.models.fr.prompt", "a = b",
                "route", "/model"));
    assertThatThrownBy(() -> read("--models", "demo-rank"))
        .hasMessage(
            "Invalid --models: demo-rank. It must be NAME.OPTION=VALUE, such as en.model=demo-rank.");
  }

  @Test
  void aFileMayHaveEarlierKeys() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("job.yaml"),
            """
            cross-encoder.model.digest: sha256:1
            cross-encoder.device.resource: tpu
            kafka.client.id: earlier
            kafka: {client.rack: r1}
            properties.client.id: later
            """);

    Configuration options =
        read("--config", file.toString(), "--model-digest", "sha256:2", "--kafka", "acks=all");

    assertThat(options.get(CrossEncoderFunctionOptions.MODEL_DIGEST)).isEqualTo("sha256:2");
    assertThat(options.get(CrossEncoderFunctionOptions.DEVICE_RESOURCE)).isEqualTo("tpu");
    assertThat(JobOptions.clientOptions(options.toMap()))
        .containsOnly(
            entry("client.id", "later"), entry("client.rack", "r1"), entry("acks", "all"));
  }

  @Test
  void theHelpSaysDefaultsAndGivesAnExample() {
    assertThat(help())
        .contains("--capacity=VALUE", "[cross-encoder.capacity, default 128]")
        .contains("[delivery, default exactly-once]")
        .contains("[transaction.longest-outage, default 10 min]")
        .contains("--output-logits[=true|false]")
        .contains("--config=FILE", "--kafka=KEY=VALUE")
        .contains("Example: flink run job.jar \\ --bootstrap-servers kafka:9092");
  }

  @Test
  void theHelpShowsHowToReferToSecrets() {
    assertThat(help())
        .contains("${env:NAME}, ${file:/path/file.properties:key} or ${directory:/path:file}.");
  }

  @Test
  void aValueThatBeginsWithAnAtSignIsNoFile() {
    assertThat(read("--model", "@.").toMap()).containsEntry("cross-encoder.model", "@.");
    assertThatThrownBy(() -> read("@."))
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessageContaining("@.");
  }

  @Test
  void flagsBecomeOptions() {
    Configuration options =
        read(
            "--model=demo-nli",
            "--input-topic",
            "pairs",
            "--output-logits",
            "--output-overwrite=false",
            "--kafka",
            "security.protocol=SSL",
            "--kafka=client.id=a=b");

    assertThat(options.toMap())
        .containsEntry("cross-encoder.model", "demo-nli")
        .containsEntry("input.topic", "pairs")
        .containsEntry("output.logits", "true")
        .containsEntry("output.overwrite", "false")
        .containsEntry("properties.security.protocol", "SSL")
        .containsEntry("properties.client.id", "a=b")
        .hasSize(6);
  }

  @Test
  void aFileMayBeNestedOrFlatAndFlagsWin() throws IOException {
    Path file =
        file(
            """
            # a comment
            input:
              topic: from-file
              text: /doc/title
            output.topic: scored
            cross-encoder:
              batch:
                max-pairs: 8
            skip: ["0:1", "1:2"]
            output.logits: true
            properties:
              ssl.key.password: in-a-file
              sasl: {mechanism: PLAIN}
            """);

    Configuration options = read("--config", file.toString(), "--input-topic", "from-flag");

    assertThat(options.toMap())
        .containsEntry("input.topic", "from-flag")
        .containsEntry("input.text", "/doc/title")
        .containsEntry("output.topic", "scored")
        .containsEntry("cross-encoder.batch.max-pairs", "8")
        .containsEntry("skip", "0:1;1:2")
        .containsEntry("output.logits", "true")
        .containsEntry("properties.ssl.key.password", "in-a-file")
        .containsEntry("properties.sasl.mechanism", "PLAIN")
        .hasSize(8);
  }

  @Test
  void anUnknownKeyInAFileIsRefused() throws IOException {
    Path file = file("input: {topics: pairs}\n");

    assertThatThrownBy(() -> read("--config", file.toString()))
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessageStartingWith("Invalid key in " + file + ": input.topics. Known keys: ")
        .hasMessageContaining("cross-encoder.model, ")
        .hasMessageContaining("input.topic, ")
        .hasMessageEndingWith("and properties.* for Kafka's clients.");
  }

  @Test
  void aFileThatIsNoMappingIsRefused() throws IOException {
    Path file = file("just text\n");

    assertThatThrownBy(() -> read("--config", file.toString()))
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessageStartingWith("Invalid key in " + file + ": (no mapping). Known keys: ");
  }

  @Test
  void aDamagedFileIsNamedWithItsLineAndNothingOfIt() throws IOException {
    Path file = file("kafka:\n  ssl.key.password: \"hunter2\n");

    assertThatThrownBy(() -> read("--config", file.toString()))
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessageMatching("Cannot read --config \\S+, it is not valid YAML at line \\d+, .*")
        .hasNoCause();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "from: latest\nfrom: earliest\n",
        "{\"from\": latest, \"from\": earliest}",
        "input: {topic: a, topic: b}",
        "from: latest\n---\nfrom: earliest\n"
      })
  void aSecondValueOrDocumentIsRefused(String yaml) throws IOException {
    Path file = file(yaml);

    assertThatThrownBy(() -> read("--config", file.toString()))
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessageMatching(
            "Cannot read --config \\S+, it is not valid YAML at line \\d+, or it repeats a key or begins a second document there\\.");
  }

  @Test
  void aKeyInBothFormsIsRefused() throws IOException {
    Path file = file("input.topic: a\ninput: {topic: b}\n");

    assertThatThrownBy(() -> read("--config", file.toString()))
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessage("Cannot read --config %s, it has the key input.topic twice.".formatted(file));
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    Path missing = folder.resolve("missing.yaml");

    assertThatThrownBy(() -> read("--config", missing.toString()))
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessageStartingWith("Cannot read --config " + missing + ": ");
  }

  @Test
  void anEmptyFileHasNoOptions() throws IOException {
    assertThat(read("--config", file("").toString()).toMap()).isEmpty();
    assertThat(read("--config", file("# nothing\n").toString()).toMap()).isEmpty();
  }

  @Test
  void aSecretInAnArgumentIsRefusedWithoutRepeatingIt() {
    assertThatThrownBy(() -> read("--kafka", "ssl.key.password=hunter2"))
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessage(
            "Invalid --kafka ssl.key.password: every user of the machine can read a secret in an argument. Write a reference and nothing else in the place of the secret, ${env:NAME}, ${file:/path/file.properties:key} or ${directory:/path:file}, in a login line such as password=\"${env:NAME}\".");
  }

  @Test
  void aReferenceToASecretIsTakenAsItIs() {
    String jaas =
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"me\" password=\"${env:PASSWORD}\";";

    assertThat(read("--kafka", "sasl.jaas.config=" + jaas).toMap())
        .containsEntry("properties.sasl.jaas.config", jaas);
  }

  @Test
  void halfASecretInAnArgumentIsRefusedToo() {
    assertThatThrownBy(
            () ->
                read(
                    "--kafka",
                    "sasl.jaas.config=a.Module required username=\"${env:U}\" password=\"hunter2\";"))
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessageStartingWith(
            "Invalid --kafka sasl.jaas.config: every user of the machine can read a secret ")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void referencesOfProvidersFromTheFileAreTaken() throws IOException {
    Path file = file("kafka: {config.providers: vault}");
    String[] arguments = {"--kafka", "ssl.key.password=${vault:kafka:key}"};

    assertThatThrownBy(() -> read(arguments)).isInstanceOf(CommandLine.ParameterException.class);
    assertThat(read("--config", file.toString(), arguments[0], arguments[1]).toMap())
        .containsEntry("properties.ssl.key.password", "${vault:kafka:key}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "properties.ssl.key.password=hunter2: x",
        "kafka: {ssl.key.password hunter2: x}",
        "ssl.key.password=\"hunter2\": x",
        "\"=hunter2\": x",
        "properties.ssl.key.password=hunter2",
        "{\"kafka.a hunter2\": 1, kafka: {\"a hunter2\": 2}}",
        "kafka:\n  ssl.key.password: hunter2: x",
        "kafka: [hunter2",
      })
  void nothingOfADamagedFileButKeysIsRepeated(String yaml) throws IOException {
    Path file = file(yaml);

    assertThatThrownBy(() -> read("--config", file.toString()))
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessageContaining(file.toString())
        .satisfies(
            e -> {
              for (Throwable t = e; t != null; t = t.getCause()) {
                assertThat(t.toString()).doesNotContain("hunter2");
              }
            });
  }

  @Test
  void anUnknownFlagIsRefused() {
    assertThatThrownBy(() -> CrossEncoderJob.main(new String[] {"--modell", "demo-qa"}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--modell")
        .hasMessageEndingWith(" See --help.");
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(Files.createTempFile(folder, "job", ".yaml"), yaml);
  }

  /** The help in one line, as its width breaks words. */
  private static String help() {
    CommandLine command = new CommandLine(CrossEncoderJob.command("flink run job.jar"));
    return command
        .getUsageMessage(CommandLine.Help.Ansi.OFF)
        .replaceAll("(?<=[.])\\n +", "")
        .replaceAll("\\s+", " ");
  }

  private static Configuration read(String... arguments) {
    CommandLine command = new CommandLine(CrossEncoderJob.command("job"));
    return JobArguments.read(command.parseArgs(List.of(arguments).toArray(String[]::new)));
  }
}
