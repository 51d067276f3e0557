package dev.crossencoder.cli.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.cli.CommandLineFixture;
import dev.crossencoder.cli.CrossEncoderCli;
import dev.crossencoder.cli.command.ExitCodes;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
class ScoreCommandTest {
  private static final String PAIR = "{\"query\":\"a\",\"passage\":\"b\"}";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private final CommandLineFixture cli = new CommandLineFixture();

  @ParameterizedTest
  @ValueSource(strings = {"\r\n", "\r\n\r\n", "\n \n\t\n", "\n\r\n \t \r\n", "\n\n"})
  void blankLinesAreSkippedWhateverWhiteSpaceTheyHave(String between) throws IOException {
    List<String> lines = score("pairs.jsonl", PAIR + between + PAIR + "\n \r\n");

    assertThat(lines).hasSize(2).allMatch(line -> line.contains("\"cross_encoder\":{"));
    assertThat(cli.err()).isEmpty();
  }

  @Test
  void aByteOrderMarkAtTheBeginningIsSkipped() throws IOException {
    assertThat(score("pairs.jsonl", "\uFEFF" + PAIR + "\n")).hasSize(1);
  }

  @Test
  void linesOfJsonAreWrittenWhileMoreIsAwaited() throws Exception {
    try (Streaming run = new Streaming("jsonl")) {
      run.write(PAIR + "\n");
      run.awaitLines(1);
      run.write(PAIR + "\n" + PAIR + "\n");
      run.awaitLines(3);
    }
  }

  @Test
  void theDocumentsOfEachRecordAreRanked() throws IOException {
    List<String> lines =
        score(
            "lists.jsonl",
            "{\"q\":\"How tall is it?\",\"hits\":[{\"body\":\"Bread.\"},{\"body\":\"It is 41 metres tall.\"}]}\n{\"q\":\"Who?\",\"hits\":[]}\n",
            "--input-documents=/hits",
            "--text=/q",
            "--document-text=/body",
            "--top-n=1",
            "--return-documents");

    assertThat(lines).hasSize(2);
    assertThat(lines.get(0))
        .contains("\"results\":[{\"index\":1,\"relevance_score\":")
        .contains("\"document\":{\"text\":\"It is 41 metres tall.\"}")
        .doesNotContain("\"index\":0");
    assertThat(lines.get(1)).endsWith("\"results\":[]}}");
  }

  @Test
  void theTextOfEachRecordIsClassified() throws IOException {
    write(
        "tickets.jsonl",
        "{\"body\":\"The bread was warm.\",\"labels\":[\"food\",\"ships\"]}\n{\"body\":\"x\",\"labels\":[\"a\",\"a\"]}\n");
    Path output = folder.resolve("out.jsonl");

    assertThat(
            cli.run(
                "score",
                "--model=demo-nli",
                at("tickets.jsonl"),
                "--labels=/labels",
                "--text=/body",
                "--template=This is about {}.",
                "--output=" + output))
        .isEqualTo(ExitCodes.FAILURE);

    assertThat(Files.readAllLines(output))
        .singleElement()
        .asString()
        .contains("\"labels\":[\"food\",\"ships\"],\"scores\":[");
    assertThat(cli.err())
        .contains(
            "line 2: invalid_labels: Labels 1 and 2 are the same. Each label may be given once.");
  }

  @Test
  void recordsBelowTheSmallestScoreAreLeftOut() throws IOException {
    assertThat(score("all.jsonl", PAIR + "\n", "--min-score=-1")).hasSize(1);
    assertThat(score("none.jsonl", PAIR + "\n", "--min-score=1.5")).isEmpty();
  }

  @Test
  void recordsWhoseLabelsDoNotReachTheirThresholdsAreLeftOut() throws IOException {
    Files.writeString(
        folder.resolve("nli.jsonl"),
        """
        {"premise":"A man eats.","hypothesis":"A person eats."}
        {"premise":"A man eats.","hypothesis":"A man sleeps."}
        """);
    Path output = folder.resolve("entailed.jsonl");

    assertThat(
            cli.run(
                "score",
                "--model=demo-nli",
                "--activation=softmax",
                "--label-threshold=entailment=0.8",
                at("nli.jsonl"),
                "--output=" + output))
        .as(cli.err())
        .isZero();

    assertThat(Files.readAllLines(output))
        .singleElement()
        .asString()
        .contains("A person eats.", "\"label\":\"entailment\"");
  }

  @Test
  void aThresholdForALabelThatTheModelLacksIsRefused() throws IOException {
    Files.writeString(folder.resolve("nli.jsonl"), "{\"premise\":\"a\",\"hypothesis\":\"b\"}");

    assertThat(cli.run("score", "--model=demo-nli", "--label-threshold=yes=0.8", at("nli.jsonl")))
        .isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err())
        .contains(
            "Invalid --label-threshold: yes=0.8. There is no label yes in the model demo-nli. The labels are contradiction, entailment, neutral.");
  }

  @Test
  void messagesNameTheOptionsOfTheCommand() throws IOException {
    Files.writeString(
        folder.resolve("many.jsonl"), "{\"query\":\"q\",\"documents\":[\"a\",\"b\",\"c\"]}");

    cli.run(
        "score",
        "--model=demo-qa",
        "--input-documents=/documents",
        "--max-documents=2",
        at("many.jsonl"),
        "--output=" + folder.resolve("none.jsonl"));

    assertThat(cli.err())
        .contains("too_many_documents")
        .contains("Raise --max-documents, or send fewer documents in a record.")
        .doesNotContain("cross-encoder.");
  }

  @Test
  void rowsAreWrittenWhileMoreAreAwaited() throws Exception {
    try (Streaming run = new Streaming("csv")) {
      run.write("query,passage\na,b\n");
      run.awaitLines(2);
      run.write("c,d\n");
      run.awaitLines(3);
    }
  }

  @Test
  void scoresDoNotDependOnBatchesThreadsOrTheFormat() throws IOException {
    List<String> queries = IntStream.range(0, 150).mapToObj(i -> "who is " + i + "?").toList();
    StringBuilder json = new StringBuilder();
    StringBuilder csv = new StringBuilder("query,passage\n");
    for (String query : queries) {
      String passage = "It is ".repeat(1 + query.length() % 7) + query;
      json.append("{\"query\":\"%s\",\"passage\":\"%s\"}%n".formatted(query, passage));
      csv.append("%s,%s%n".formatted(query, passage));
    }
    List<String> one = score("a.jsonl", json.toString(), "--batch-size=1", "--threads=1");
    List<String> many = score("b.jsonl", json.toString(), "--batch-size=64", "--threads=2");
    List<String> usual = score("c.jsonl", json.toString(), "--device=cpu");
    List<CSVRecord> rows = table(score("d.csv", csv.toString()), ',');

    List<Double> expected = scores(one);
    List<Double> fromRows =
        rows.stream().skip(1).map(row -> Double.parseDouble(row.get(4))).toList();
    assertThat(expected).hasSize(150);
    for (List<Double> scores : List.of(scores(many), scores(usual), fromRows)) {
      assertThat(scores).hasSize(150);
      for (int i = 0; i < 150; i++) {
        assertThat(scores.get(i)).as("%d", i).isCloseTo(expected.get(i), within(1e-5));
      }
    }
  }

  private static List<Double> scores(List<String> lines) {
    return lines.stream()
        .map(line -> line.replaceAll(".*\"score\":([^,]+),.*", "$1"))
        .map(Double::parseDouble)
        .toList();
  }

  @Test
  void columnsStayAndTheResultFollows() throws IOException {
    String input =
        String.join(
            "\r\n",
            "id,query,passage,note",
            "1,\"who, exactly?\",\"She said \"\"no\"\".\",",
            "2,two,\"first line\nsecond line\",\"x\ty\"",
            "",
            "3,,\"\",z",
            "");

    String output = scoreWhole("pairs.csv", input);

    List<CSVRecord> rows = CSVParser.parse(output, CSVFormat.RFC4180).getRecords();
    assertThat(rows).hasSize(4);
    assertThat(rows.get(0).toList())
        .containsExactly(
            "id",
            "query",
            "passage",
            "note",
            "cross_encoder_model",
            "cross_encoder_revision",
            "cross_encoder_score",
            "cross_encoder_truncated");
    assertThat(rows.get(1).toList().subList(0, 5))
        .containsExactly("1", "who, exactly?", "She said \"no\".", "", "demo-qa");
    assertThat(rows.get(2).get(2)).isEqualTo("first line\nsecond line");
    assertThat(rows.get(2).get(3)).isEqualTo("x\ty");
    assertThat(rows.get(3).toList().subList(0, 4)).containsExactly("3", "", "", "z");
    assertThat(Float.parseFloat(rows.get(3).get(6))).isBetween(0f, 1f);
    assertThat(output).contains("note,cross_encoder_model").contains(",false\r\n");
  }

  @Test
  void aByteOrderMarkOfATableIsKeptAndIsNoPartOfTheFirstName() throws IOException {
    String output = scoreWhole("pairs.csv", "\uFEFF\"query\",passage\na,b\n");

    assertThat(output).startsWith("\uFEFFquery,passage,cross_encoder_model,").doesNotContain("\r");
  }

  @Test
  void labelsGetColumnsOfTheirOwn() throws IOException {
    String input = "premise\thypothesis\nA man sleeps.\tA man, resting.\n";
    write("pairs.tsv", input);

    assertThat(
            cli.run(
                "score",
                "--model=demo-nli",
                "--logits",
                "--field=nli",
                at("pairs.tsv"),
                out("o.tsv")))
        .as(cli.err())
        .isZero();

    List<CSVRecord> rows = table(Files.readAllLines(folder.resolve("o.tsv")), '\t');
    assertThat(rows.get(0).toList())
        .containsExactly(
            "premise",
            "hypothesis",
            "nli_model",
            "nli_revision",
            "nli_score",
            "nli_label",
            "nli_score_contradiction",
            "nli_score_entailment",
            "nli_score_neutral",
            "nli_truncated",
            "nli_logit_contradiction",
            "nli_logit_entailment",
            "nli_logit_neutral");
    CSVRecord row = rows.get(1);
    assertThat(row.get(1)).isEqualTo("A man, resting.");
    assertThat(row.get(4)).isEqualTo(row.get("entailment".equals(row.get(5)) ? 7 : 6));
    assertThat(row.get(10)).isEqualTo(row.get(6));
  }

  @Test
  void textsAreFoundByTheNamesThatAreGiven() throws IOException {
    String usual = scoreWhole("a.csv", "query,passage\nwho?,Ada.\n");
    List<String> named = score("b.tab", "p\tq\nAda.\twho?\n", "--text=q", "--text-pair=p");

    assertThat(table(named, '\t').get(1).get(4))
        .isEqualTo(table(usual.lines().toList(), ',').get(1).get(4));
  }

  @Test
  void aRowWithTooFewValuesGoesToStandardErrorWithItsLine() throws IOException {
    write("pairs.csv", "query,passage\n\"a\nb\",c\nd\ne,f,g\nh,i\n");

    assertThat(cli.run("score", "--model=demo-qa", at("pairs.csv"), out("o.csv"))).isEqualTo(1);

    assertThat(cli.err())
        .isEqualToNormalizingNewlines(
            """
            line 4: malformed_csv: It has 1 values, and the header has 2.
            line 5: malformed_csv: It has 3 values, and the header has 2.
            """);
    assertThat(Files.readString(folder.resolve("o.csv"))).contains("\"a\nb\",c,", "\nh,i,");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "question,answer\\na,b|Cannot find the two texts, the columns are question, answer. By default they are query and passage, or premise and hypothesis; name others with --text and --text-pair.",
        "query,passage,cross_encoder_score\\na,b,c|Cannot add the column cross_encoder_score, the file already has it. Choose another --field, or give --overwrite.",
        "query,passage,query\\na,b,c|Cannot find the text, more than one column is named query. The columns are query, passage, query.",
        "query,passage\\na,\"b\\nc,d\\n|its quotes are not balanced from line 2 on",
        "query,passage\\na,b\\nc,\"d\"x\\n|its quotes are not balanced from line 3 on",
      })
  void aTableThatCannotBeReadIsRefusedWithASentence(String table, String message)
      throws IOException {
    write("pairs.csv", table.replace("\\n", "\n"));

    assertThat(cli.run("score", "--model=demo-qa", at("pairs.csv"), out("o.csv"))).isEqualTo(1);

    assertThat(cli.err()).contains(message).doesNotContain("\tat ");
  }

  @Test
  void aTableInAnotherEncodingIsRefusedWithASentence() throws IOException {
    Files.write(
        folder.resolve("pairs.csv"), "query,passage\né,b\n".getBytes(StandardCharsets.ISO_8859_1));

    assertThat(cli.run("score", "--model=demo-qa", at("pairs.csv"), out("o.csv"))).isEqualTo(1);

    assertThat(cli.err()).contains("it is not in UTF-8").contains("iconv").doesNotContain("\tat ");
  }

  @Test
  void anEmptyTableStaysEmptyAndAHeaderAloneGetsColumns() throws IOException {
    assertThat(scoreWhole("a.csv", "")).isEmpty();
    assertThat(scoreWhole("b.csv", "query,passage\n"))
        .isEqualTo(
            "query,passage,cross_encoder_model,cross_encoder_revision,cross_encoder_score,cross_encoder_truncated\n");
  }

  @Test
  void columnsOfAnEarlierRunAreReplacedIfThatIsAskedFor() throws IOException {
    String once = scoreWhole("a.csv", "query,passage\na,b\n");

    assertThat(scoreWhole("b.csv", once, "--overwrite")).isEqualTo(once);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--text /cross_encoder/x --text-pair /p|Invalid --field: cross_encoder. The pointer /cross_encoder/x leads into it, but the result is written there. Choose another name, or another pointer.",
        "--field query --overwrite|Invalid --field: query. The pointer /query leads into it,",
        "--text query --text-pair passage|Invalid --text: query. In JSON it must be a pointer, such as /query; names of columns need --format csv or tsv.",
        "--text /q|Invalid options: set both --text and --text-pair, or neither.",
        "--labels a;b --long-document chunk|Invalid --long-document: classification reads a text up to what fits beside a label.",
        "--labels a;b --evidence sentence|Invalid --evidence: a classification has none.",
        "--evidence sentence --format csv|Invalid --evidence: it needs JSON Lines; tables have no column for it.",
        "--top-n 2|Invalid --top-n: it needs --input-documents, the array of documents to rank.",
        "--document-text /t|Invalid --document-text: it needs --input-documents, the array of documents to rank.",
        "--input-documents /d --top-n 0|Invalid --top-n: 0. It must be positive.",
        "--input-documents /d --text-pair /p|Invalid --text-pair: with --input-documents, the documents are the second texts.",
        "--input-documents d|Invalid --input-documents: d. In JSON it must be a pointer, such as /query;",
        "--input-documents /d --format csv|Invalid --input-documents: /d. It needs JSON Lines.",
        "--label-threshold a=1 --format csv|Invalid --label-threshold: a=1. It needs JSON Lines.",
        "--label-threshold a|Invalid --label-threshold: a. An entry must be a label, an equals sign and a number, as in entailment=0.9.",
        "--label-threshold a=1 --input-documents /d|Invalid --label-threshold: a=1. Documents have scores and no labels: use --min-score.",
        "--label-threshold a=1|Invalid --label-threshold: a=1.0. The model demo-qa has one label: use --min-score instead.",
        "--min-score 1 --format csv|Invalid --min-score: 1.0. It needs JSON Lines.",
        "--input-documents /d --max-documents 0|Invalid --max-documents: 0. It must be positive.",
        "--min-score NaN|Invalid --min-score: NaN. It must be a number.",
        "--labels a;a|Invalid --labels: a;a. Labels 1 and 2 are the same.",
        "--labels a --template x|Invalid --template: x. It must contain {} once",
        "--labels a --text-pair /p|Invalid --text-pair: with --labels, the text at --text is classified.",
        "--labels a --logits|Invalid --logits: with --labels, the text at --text is classified.",
        "--labels /l --text /l/0|Invalid --text: /l/0. The text must not be part of the labels, /l.",
        "--labels a --format csv|Invalid --labels: it needs JSON Lines.",
        "--labels a|Cannot classify with demo-qa, it has one label.",
        "--multi-label|Invalid --multi-label: it needs --labels",
        "--output a.csv|Cannot write a.csv, the output has the format of the input, which is jsonl.",
        "--device cuda|Invalid --device: cuda. It must be cpu, or gpu and a number, such as gpu0.",
        "--batch-size 0|Invalid --batch-size: 0. It must be positive.",
        "--format xml|Invalid value for option '--format': expected one of [JSONL, CSV, TSV] (case-insensitive) but was 'xml'",
      })
  void optionsThatDoNotFitAreRefused(String options, String message) throws IOException {
    write("pairs.jsonl", PAIR);
    List<String> line = new ArrayList<>(List.of("score", "--model=demo-qa", at("pairs.jsonl")));
    line.addAll(List.of(options.split(" ", -1)));

    assertThat(cli.run(line.toArray(String[]::new))).isNotZero();
    assertThat(cli.err()).startsWith(message);
  }

  @Test
  void aReaderThatHasEnoughEndsTheCommandQuietly() throws Exception {
    write("pairs.jsonl", (PAIR + "\n").repeat(3_000));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dcross-encoder.log.folder=" + folder,
                "-Dcross-encoder.cache=" + System.getProperty("cross-encoder.cache"),
                "-cp",
                classPath,
                CrossEncoderCli.class.getName(),
                "score",
                "--model=demo-qa",
                at("pairs.jsonl"))
            .redirectError(new File(folder.toFile(), "err.txt"))
            .start();
    try {
      try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
        assertThat(reader.readLine()).contains("\"cross_encoder\":{");
      }
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(ExitCodes.NOBODY_READS);
      assertThat(Files.readString(folder.resolve("err.txt"))).isEmpty();
    } finally {
      process.destroyForcibly();
    }
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }

  private String out(String name) {
    return "--output=" + at(name);
  }

  private String scoreWhole(String name, String text, String... options) throws IOException {
    write(name, text);
    List<String> line = new ArrayList<>(List.of("score", "--model=demo-qa", at(name)));
    line.add(out("scored-" + name));
    line.addAll(List.of(options));
    assertThat(cli.run(line.toArray(String[]::new))).as(cli.err()).isZero();
    return Files.readString(folder.resolve("scored-" + name));
  }

  private List<String> score(String name, String text, String... options) throws IOException {
    return scoreWhole(name, text, options).lines().toList();
  }

  private static List<CSVRecord> table(List<String> lines, char delimiter) throws IOException {
    CSVFormat format = CSVFormat.RFC4180.builder().setDelimiter(delimiter).build();
    return CSVParser.parse(String.join("\n", lines), format).getRecords();
  }

  /** A run whose standard input is a pipe, and whose output is a file. */
  private final class Streaming implements AutoCloseable {
    private final InputStream before = System.in;
    private final OutputStream pipe;
    private final Path output;
    private final CompletableFuture<Integer> exitCode;

    private Streaming(String format) throws IOException {
      PipedOutputStream out = new PipedOutputStream();
      pipe = out;
      System.setIn(new PipedInputStream(out, 1 << 16));
      output = folder.resolve("streamed." + format);
      exitCode =
          CompletableFuture.supplyAsync(
              () ->
                  cli.run("score", "--model=demo-qa", "--format=" + format, "--output=" + output));
    }

    private void write(String text) throws IOException {
      pipe.write(text.getBytes(StandardCharsets.UTF_8));
      pipe.flush();
    }

    private void awaitLines(int count) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(Files.readAllLines(output)).hasSize(count));
      assertThat(exitCode).isNotDone();
    }

    @Override
    public void close() throws IOException {
      try {
        pipe.close();
        assertThat(exitCode).succeedsWithin(PATIENCE).isEqualTo(0);
      } finally {
        System.setIn(before);
      }
    }
  }
}
