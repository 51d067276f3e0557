package dev.crossencoder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.scoring.CrossEncoder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandsTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine commandLine = CrossEncoderCli.commandLine();
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }

  @Test
  void scoreWritesTheJobsContract() throws IOException {
    Path input =
        Files.writeString(
            folder.resolve("pairs.jsonl"),
            """
            {"id": 1, "query": "How tall is it?", "passage": "It is 41 metres tall."}
            {"premise": "A man sleeps.", "hypothesis": "A man is awake.", "x": 1.0e2 }
            """);
    Path output = folder.resolve("scored.jsonl");

    int exitCode =
        run("score", "--model", "demo-qa", input.toString(), "--output", output.toString());

    assertThat(exitCode).isZero();
    List<String> lines = Files.readAllLines(output);
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0))
        .startsWith(
            "{\"id\": 1, \"query\": \"How tall is it?\", \"passage\": \"It is 41 metres tall.\",\"cross_encoder\":{\"model\":\"demo-qa\",\"revision\":\"sha256:")
        .endsWith(",\"truncated\":false}}");
    assertThat(lines.get(1)).contains("\"x\": 1.0e2,\"cross_encoder\":{").endsWith("} }");
  }

  @Test
  void aBadLineGoesToStandardErrorWithItsNumberAndTheOthersAreScored() throws IOException {
    Path input =
        Files.writeString(
            folder.resolve("pairs.jsonl"),
            "{\"query\": \"a\", \"passage\": \"b\"}\n\nno json\n{\"query\": \"a\"}\n");
    Path output = folder.resolve("scored.jsonl");

    int exitCode =
        run("score", "--model", "demo-qa", input.toString(), "--output", output.toString());

    assertThat(exitCode).isEqualTo(1);
    assertThat(Files.readAllLines(output)).hasSize(1);
    assertThat(err.toString())
        .contains("line 3: malformed_json: ")
        .contains("line 4: missing_field: The record has no field /passage.");
  }

  @Test
  void aLineThatTheTruncationCannotMakeFitIsAnErrorAndTheOthersAreScored() throws IOException {
    String query = "word ".repeat(3000);
    Path input =
        Files.writeString(
            folder.resolve("pairs.jsonl"),
            "{\"query\": \"a\", \"passage\": \"%s\"}%n{\"query\": \"%s\", \"passage\": \"b\"}%n"
                .formatted(query, query));
    Path output = folder.resolve("scored.jsonl");

    int exitCode =
        run(
            "score",
            "--model",
            "demo-qa",
            "--truncation",
            "only_second",
            input.toString(),
            "--output",
            output.toString());

    assertThat(exitCode).isEqualTo(1);
    assertThat(Files.readAllLines(output))
        .singleElement()
        .satisfies(line -> assertThat(line).endsWith(",\"truncated\":true}}"));
    assertThat(err.toString())
        .startsWith("line 2: pair_too_long: The pair does not fit: its first text has at least ");
  }

  @Test
  void aRowThatTheTruncationCannotMakeFitIsAnErrorToo() throws IOException {
    Path input =
        Files.writeString(
            folder.resolve("pairs.csv"),
            "query,passage%na,b%n%s,b%n".formatted("word ".repeat(3000)));
    Path output = folder.resolve("scored.csv");

    int exitCode =
        run(
            "score",
            "--model",
            "demo-qa",
            "--format",
            "csv",
            "--truncation",
            "only_second",
            input.toString(),
            "--output",
            output.toString());

    assertThat(exitCode).isEqualTo(1);
    assertThat(Files.readAllLines(output)).hasSize(2);
    assertThat(err.toString()).startsWith("line 3: pair_too_long: The pair does not fit: ");
  }

  @Test
  void aPromptOfTheUsersStandsBeforeTheQuery() throws IOException {
    String plain = scored("", "{\"query\": \"find: tall?\", \"passage\": \"It is 41 metres.\"}");
    String prompted = scored("find: ", "{\"query\": \"tall?\", \"passage\": \"It is 41 metres.\"}");

    assertThat(prompted).isEqualTo(plain);
    assertThat(scored("", "{\"query\": \"tall?\", \"passage\": \"It is 41 metres.\"}"))
        .isNotEqualTo(plain);
  }

  /** What was added to a record. */
  private String scored(String prompt, String json) throws IOException {
    Path input = Files.writeString(folder.resolve("one.jsonl"), json);
    Path output = folder.resolve("one-scored.jsonl");
    assertThat(
            run(
                "score",
                "--model",
                "demo-qa",
                "--prompt",
                prompt,
                input.toString(),
                "--output",
                output.toString()))
        .isZero();
    String line = Files.readString(output);
    return line.substring(line.indexOf("\"cross_encoder\""));
  }

  @Test
  void whatCannotScoreIsRefusedWithTheOptionThatHelps() {
    assertThat(run("score", "--model", "demo-qa", "--activation", "softmax", "-")).isEqualTo(1);
    assertThat(err.toString())
        .contains("softmax over its one label is 1 for every pair")
        .contains("--activation");
    assertThat(run("score", "--model", "demo-qa", "--prompt-name", "query", "-")).isEqualTo(1);
    assertThat(err.toString()).contains("The model demo-qa has no prompts.");
    assertThat(run("score", "--model", "demo-qa", "--prompt-name", "q", "--prompt", "p", "-"))
        .isEqualTo(1);
    assertThat(err.toString()).contains("Give it or --prompt, not both.");
  }

  @Test
  void buildNamesLabels() throws IOException {
    Path checkpoint = folder.resolve("labelled");
    Files.createDirectories(checkpoint);
    for (String file :
        List.of("config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt")) {
      try (InputStream in =
          CrossEncoder.class.getResourceAsStream("/dev/crossencoder/demo/demo-nli/" + file)) {
        Files.copy(in, checkpoint.resolve(file));
      }
    }

    assertThat(run("build", checkpoint.toString(), at("named"), "--labels", "no,yes,maybe"))
        .isZero();
    assertThat(out.toString()).contains("labels        no, yes, maybe");
    assertThat(run("build", checkpoint.toString(), at("few"), "--labels", "no,yes")).isEqualTo(1);
    assertThat(err.toString()).contains("Invalid labels: no, yes. The checkpoint");
    assertThat(run("build", checkpoint.toString(), at("same"), "--labels", "no,no,yes"))
        .isEqualTo(1);
    assertThat(err.toString()).contains("They must differ");
  }

  @Test
  void anUnknownModelIsOneLineThatSaysWhatMayBeGiven() {
    int exitCode = run("score", "--model", "nowhere", "-");

    assertThat(exitCode).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToNormalizingNewlines(
            "Cannot find the model nowhere. It must be a bundle folder, a checkpoint folder, a model of the Hugging Face hub (owner/name), or one of demo-rank, demo-qa, demo-nli.\n");
  }

  @Test
  void standardInputStaysOpenWhenACommandFails() {
    InputStream before = System.in;
    AtomicBoolean closed = new AtomicBoolean();
    System.setIn(
        new ByteArrayInputStream(new byte[0]) {
          @Override
          public void close() {
            closed.set(true);
          }
        });
    try {
      assertThat(run("score", "--model", "nowhere", "-")).isEqualTo(1);
    } finally {
      System.setIn(before);
    }

    assertThat(closed).isFalse();
  }

  @Test
  void inspectNamesDigestLabelsAndActivation() {
    int exitCode = run("inspect", "demo-nli");

    assertThat(exitCode).isZero();
    assertThat(out.toString())
        .contains("digest        sha256:")
        .contains("labels        contradiction, entailment, neutral")
        .contains("activation    identity");
  }

  @Test
  void verifyLoadsAndScores() {
    assertThat(run("verify", "demo-qa")).isZero();
    assertThat(out.toString()).contains("The model loads and scores.");
  }

  @Test
  void buildRefusesAFolderThatExists() throws IOException {
    Path checkpoint = Files.createDirectory(folder.resolve("checkpoint"));

    int exitCode = run("build", checkpoint.toString(), folder.toString());

    assertThat(exitCode).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("Cannot write " + folder + ", it exists: ")
        .contains("remove it first");
  }

  @Test
  void buildCompilesForTheEngineAndWithThePrecisionThatAreAskedFor() throws IOException {
    String checkpoint = demoQa();

    assertThat(run("build", checkpoint, at("int8"), "--precision", "int8")).isZero();
    assertThat(out.toString())
        .contains("weights       int8")
        .contains("engine        onnxruntime (packed)");
    assertThat(run("build", checkpoint, at("fp32"), "--engine", "onnxruntime")).isZero();
    assertThat(out.toString()).contains("weights       float32");

    Path input =
        Files.writeString(
            folder.resolve("pairs.jsonl"),
            "{\"query\": \"How tall is it?\", \"passage\": \"It is 41 metres tall.\"}");
    Path output = folder.resolve("scored.jsonl");
    assertThat(run("score", "--model", at("int8"), "" + input, "--output", "" + output)).isZero();
    assertThat(Files.readString(output)).contains("\"cross_encoder\":{\"model\":\"demo-qa\"");
  }

  @Test
  void buildRefusesWhatAnEngineDoesNotCompute() throws IOException {
    String checkpoint = demoQa();

    assertThat(run("build", checkpoint, at("b"), "--engine", "pytorch", "--precision", "int8"))
        .isEqualTo(1);
    assertThat(run("build", checkpoint, at("b"), "--engine", "abacus")).isEqualTo(1);
    assertThat(run("build", checkpoint, at("b"), "--onnx-file", "onnx/model.onnx")).isEqualTo(1);
    assertThat(err.toString())
        .contains("Invalid precision: int8. The engine pytorch computes with fp32, fp16, bf16.")
        .contains("Invalid engine: abacus. It must be one of pytorch, onnxruntime.")
        .contains("Cannot use the ONNX file " + checkpoint + "/onnx/model.onnx, there is no");
    assertThat(folder.resolve("b")).doesNotExist();
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }

  private String demoQa() throws IOException {
    Path checkpoint = Files.createDirectory(folder.resolve("demo-qa"));
    for (String file :
        List.of("config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt")) {
      try (InputStream in =
          CrossEncoder.class.getResourceAsStream("/dev/crossencoder/demo/demo-qa/" + file)) {
        Files.copy(in, checkpoint.resolve(file));
      }
    }
    return checkpoint.toString();
  }

  @Test
  void jobPrintsTheFlinkLineWithQuotesWhereTheShellNeedsThem() {
    int exitCode =
        run(
            "job",
            "--flink-home=/opt/flink",
            "--bootstrap-servers",
            "kafka:9092",
            "--input-topic",
            "pairs",
            "--output-topic",
            "scored",
            "--model",
            "demo-qa",
            "--kafka",
            "sasl.jaas.config=${file:/etc/kafka.properties:jaas}");

    assertThat(exitCode).isZero();
    assertThat(out.toString())
        .startsWith("/opt/flink/bin/flink run ")
        .contains(
            "flink-cross-encoder-job.jar --bootstrap-servers kafka:9092 --input-topic pairs --output-topic scored --model demo-qa --kafka 'sasl.jaas.config=${file:/etc/kafka.properties:jaas}'");
  }

  @Test
  void jobRefusesAnInvalidOptionNamingKeyValueAndWayOut() {
    int exitCode =
        run(
            "job",
            "--bootstrap-servers=kafka:9092",
            "--input-topic=pairs",
            "--output-topic=scored",
            "--model=demo-qa",
            "--capacity=40");

    assertThat(exitCode).isEqualTo(1);
    assertThat(err.toString())
        .startsWith(
            "Invalid cross-encoder.capacity: 40. It must be at least twice cross-encoder.batch.max-pairs, 32,");
  }

  @Test
  void anUnknownOptionIsAnsweredWithTheNearestOnes() {
    int exitCode = run("demo", "--record", "5");

    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString())
        .isEqualToNormalizingNewlines(
            "Unknown option: --record. Did you mean --records?\nSee 'cross-encoder demo --help'.\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "score --treads 2|Unknown option: --treads. Did you mean --threads?",
        "pull --revison main a/b|Unknown option: --revison.",
        "build --percision int8 a b|Unknown option: --percision. Did you mean --precision?",
        "verify --all demo-qa|Unknown option: --all.",
        "parity --modle demo-qa|Unknown option: --modle.",
        "cache lst|Unknown command: lst. Did you mean list?",
        "jobs|Unknown command: jobs. Did you mean job?",
        "scor --model demo-qa pairs.jsonl|Unknown command: scor. Did you mean score?",
        "cache lst --json|Unknown option: --json.",
        "inspect demo-qa another|Unmatched argument: another.",
        "job --modle=demo-qa|Unknown option: --modle. Did you mean --model or --models?",
      })
  void whatIsMistypedIsAnsweredWithTheNearestInEveryCommand(String line, String message) {
    assertThat(run(line.split(" ", -1))).isEqualTo(2);
    assertThat(err.toString()).startsWith(message + System.lineSeparator());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "job~--kafka~sasl.jaas.config=a.Module~required~password=hunter2;",
        "job~--kafka~hunter2",
        "job~--model~--kafka=ssl.key.password=hunter2",
        "jbo~--kafka~ssl.key.password=hunter2",
        "score~--kafka~ssl.key.password=hunter2",
        "--kafka~ssl.key.password=hunter2~job",
        "job~--kafka~sasl.jaas.config=a.Module required username=\"${env:U}\" password=\"hunter2\";",
      })
  void nothingOfAClientsOptionIsPrinted(String line) {
    assertThat(run(line.split("~", -1))).isEqualTo(2);
    assertThat(out + "" + err).isNotBlank().doesNotContain("hunter2");
  }

  @Test
  void aGpuThatCannotBeUsedIsNamedInOneLine() throws IOException {
    Path pairs =
        Files.writeString(folder.resolve("one.jsonl"), "{\"query\":\"a\",\"passage\":\"b\"}");

    assertThat(run("score", "--model=demo-qa", "--device=gpu7", pairs.toString())).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("Cannot score on gpu7, libtorch cannot use it: ")
        .hasLineCount(1);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDiskIsNamedInOneLine() throws IOException {
    Path pairs =
        Files.writeString(folder.resolve("one.jsonl"), "{\"query\":\"a\",\"passage\":\"b\"}");

    assertThat(run("score", "--model=demo-qa", pairs.toString(), "--output=/dev/full"))
        .isEqualTo(1);
    assertThat(err.toString())
        .isEqualToNormalizingNewlines("Cannot read or write: No space left on device.\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "score", "pull", "build", "inspect", "verify", "job", "cache"})
  void everyCommandHasHelpWithAnExample(String command) {
    assertThat(run(command, "--help")).isZero();
    assertThat(out.toString()).contains("Usage: cross-encoder " + command).contains("Example");
  }

  @Test
  void completionIsAScriptThatKnowsTheCommands() {
    assertThat(run("generate-completion")).isZero();
    assertThat(out.toString()).contains("complete -F").contains("--records");
  }

  @Test
  void versionNamesTheProductAndJava() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).startsWith("cross-encoder ").contains("Java ");
  }
}
