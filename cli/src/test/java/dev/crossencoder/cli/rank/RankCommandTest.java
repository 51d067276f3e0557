package dev.crossencoder.cli.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.cli.CommandLineFixture;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.model.RankedPassage;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(180)
class RankCommandTest {
  private static final String QUERY = "Who built the lighthouse?";
  private static final List<String> PASSAGES =
      List.of(
          "The harbour has two piers and a market.",
          "The lighthouse was built by Ada Lind in 1852.",
          "Bread is baked with flour, water and salt.",
          "Lighthouses warn ships of rocks.");

  @TempDir private Path folder;
  private final CommandLineFixture cli = new CommandLineFixture();

  @Test
  void resultsAreThoseOfTheLibrary() throws IOException {
    Path file = write("passages.txt", String.join("\n", PASSAGES) + "\n");

    assertThat(rank("--json", "--return-documents", file.toString())).isZero();

    List<RankedPassage> expected;
    try (CrossEncoder model =
        CrossEncoder.open(
            ModelRepository.shared().resolve("demo-qa"), CrossEncoderOptions.DEFAULT)) {
      expected = model.rank(QUERY, PASSAGES, 4);
    }
    JsonNode json = new JsonMapper().readTree(cli.out());
    assertThat(json.path("model").textValue()).isEqualTo("demo-qa");
    assertThat(json.path("revision").textValue()).startsWith("sha256:");
    assertThat(json.path("query").textValue()).isEqualTo(QUERY);
    assertThat(json.has("errors")).isFalse();
    assertThat(json.path("results")).hasSize(4);
    for (int i = 0; i < 4; i++) {
      JsonNode result = json.path("results").path(i);
      assertThat(result.path("index").intValue()).isEqualTo(expected.get(i).corpusId());
      assertThat(result.path("relevance_score").doubleValue())
          .isCloseTo(expected.get(i).score().score(), within(1e-5));
      assertThat(result.path("truncated").booleanValue()).isFalse();
      assertThat(result.path("document").textValue()).isEqualTo(expected.get(i).passage());
      assertThat(result.path("source").textValue())
          .isEqualTo(file + ":" + (expected.get(i).corpusId() + 1));
    }
  }

  @Test
  void aCascadeIsTwoRankingsOneAfterTheOther() throws IOException {
    Path file = write("passages.txt", String.join("\n", PASSAGES) + "\n");

    assertThat(
            rank(
                "--json",
                "--return-documents",
                "--cascade-model=demo-rank",
                "--cascade-keep=2",
                file.toString()))
        .isZero();

    JsonNode json = new JsonMapper().readTree(cli.out());
    List<String> expected;
    try (CrossEncoder first =
            CrossEncoder.open(
                ModelRepository.shared().resolve("demo-rank"), CrossEncoderOptions.DEFAULT);
        CrossEncoder main =
            CrossEncoder.open(
                ModelRepository.shared().resolve("demo-qa"), CrossEncoderOptions.DEFAULT)) {
      List<String> all =
          first.rank(QUERY, PASSAGES, 4).stream().map(RankedPassage::passage).toList();
      expected =
          new ArrayList<>(
              main.rank(QUERY, all.subList(0, 2), 2).stream().map(RankedPassage::passage).toList());
      expected.addAll(all.subList(2, 4));
    }
    assertThat(json.path("results").findValuesAsText("document"))
        .containsExactlyElementsOf(expected);
    assertThat(json.path("results").findValuesAsText("stage")).containsExactly("1", "1", "0", "0");
    assertThat(json.path("model").textValue()).isEqualTo("demo-qa");
    assertThat(json.path("stages").findValuesAsText("model"))
        .containsExactly("demo-rank", "demo-qa");
  }

  @Test
  void aNumberOfDocumentsToKeepNeedsACascade() {
    assertThat(rank("--cascade-keep=2", "-")).isEqualTo(CommandLine.ExitCode.USAGE);

    assertThat(cli.err())
        .contains(
            "Invalid --cascade-keep: 2. It belongs to a cascade: name the first model with --cascade-model, or leave it out.");
  }

  @Test
  void theTableShowsRankScoreSourceAndTheBeginningOfTheText() throws IOException {
    Path file = write("passages.txt", PASSAGES.get(1) + "\n\n" + "flour \t and ".repeat(50) + "\n");

    assertThat(rank(file.toString())).isZero();

    List<String> lines = cli.out().lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).containsSubsequence("rank", "score", "source", "document");
    assertThat(lines.get(1)).matches(" +1 +-?[0-9.]+ +.*passages.txt:1 +" + PASSAGES.get(1));
    assertThat(lines.get(2)).contains("passages.txt:3").contains("flour and flour").endsWith("…");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          a.jsonl | {"id":7,"text":"one"}\\n\\n"two"\\n{"_id":"x","content":"three"}\\n | | one:7,two:null,three:x
          a.jsonl | {"body":{"en":"one"}}\\n                                            | /body/en | one:null
          a.json  | {"text":"t","content":"c"}\\n                                       | | t:null
          a.csv   | id,text\\n1,"one, ""two"" x"\\n\\n2,three\\n                         | | one, "two" x:1,three:2
          a.csv   | title,body\\nx,one\\n                                               | body | one:null
          a.tsv   | _id\\ttext\\n9\\tone\\n                                             | | one:9
          a.md    | one\\n \\ntwo                                                       | | one:null,two:null
          """)
  void eachFormatIsRead(String name, String content, String text, String expected)
      throws IOException {
    Path file = write(name, content.replace("\\n", "\n").replace("\\t", "\t"));

    List<String> arguments = new ArrayList<>(List.of("--json", "--return-documents"));
    if (text != null) {
      arguments.add("--document-text=" + text);
    }
    arguments.add(file.toString());
    assertThat(rank(arguments.toArray(String[]::new))).as(cli.err()).isZero();

    List<String> found = new ArrayList<>();
    new JsonMapper()
        .readTree(cli.out())
        .path("results")
        .forEach(
            result ->
                found.add(
                    result.path("document").asText() + ":" + result.path("id").asText("null")));
    assertThat(found).containsExactlyInAnyOrder(expected.split(",(?=\\w+:|one)"));
  }

  @Test
  void wholeFilesAreDocumentsWithFormatFiles() throws IOException {
    Path one = write("one.txt", "Ada Lind built\nthe lighthouse.\n");
    Path two = write("two.csv", "flour,water\n");

    assertThat(rank("--json", "--format=files", one.toString(), two.toString())).isZero();

    JsonNode results = new JsonMapper().readTree(cli.out()).path("results");
    assertThat(results).hasSize(2);
    assertThat(results.path(0).path("source").textValue()).isEqualTo(one.toString());
    assertThat(results.path(0).has("document")).isFalse();
  }

  @Test
  void topNAndMinScoreLimitTheResults() throws IOException {
    Path file = write("passages.txt", String.join("\n", PASSAGES));

    assertThat(rank("--top-n=1", file.toString())).isZero();
    assertThat(cli.out().lines()).hasSize(2);

    assertThat(rank("--min-score=1000", file.toString())).isZero();
    assertThat(cli.err()).contains("No document has a score of at least 1000.0.");
  }

  @Test
  void aBadDocumentIsAnErrorAndTheOthersAreRanked() throws IOException {
    Path file =
        write(
            "corpus.jsonl",
            "{\"text\":3}\n{\"text\":\""
                + PASSAGES.get(1)
                + "\"}\n{\"title\":\"x\"}\n{oops\nnull\n");

    assertThat(rank("--json", file.toString())).isEqualTo(ExitCodes.FAILURE);

    JsonNode json = new JsonMapper().readTree(cli.out());
    assertThat(json.path("results")).hasSize(1);
    assertThat(json.path("results").path(0).path("index").intValue()).isOne();
    assertThat(json.path("errors"))
        .extracting(e -> e.path("index").intValue())
        .containsExactly(0, 2, 3, 4);
    assertThat(cli.err())
        .contains("corpus.jsonl:1: The text must be a string; it is of type number.")
        .contains("corpus.jsonl:3: There is nothing at /text or /content.")
        .contains("corpus.jsonl:4: It is not valid JSON at column ")
        .doesNotContain("oops");
  }

  @Test
  void aDocumentThatBeginsWithNothingToShowIsShownAsCut() throws IOException {
    Path file = write("padded.txt", "\u0001".repeat(1000) + "far behind");

    assertThat(rank(file.toString())).isZero();

    assertThat(cli.out().lines().toList().get(1)).endsWith("padded.txt:1  …");
  }

  @Test
  void aFileWithoutDocumentsHasNoResults() throws IOException {
    assertThat(rank(write("empty.txt", "\n \n").toString())).isZero();

    assertThat(cli.out()).isEmpty();
    assertThat(cli.err()).contains("There is no document to rank.");
  }

  @Test
  void whatCannotBeReadIsNamed() throws IOException {
    assertThat(rank(folder.resolve("absent.txt").toString())).isEqualTo(ExitCodes.FAILURE);
    assertThat(rank(folder.toString())).isEqualTo(ExitCodes.FAILURE);
    assertThat(rank(write("a.csv", "title,body\nx,y\n").toString())).isEqualTo(ExitCodes.FAILURE);
    Path latin = folder.resolve("latin.txt");
    Files.write(latin, "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(rank(latin.toString())).isEqualTo(ExitCodes.FAILURE);

    assertThat(cli.err())
        .contains("Cannot find " + folder.resolve("absent.txt"))
        .contains("it is a folder")
        .contains("no column is named text or content. The columns are title, body.")
        .contains("it is not in UTF-8");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--top-n=0|Invalid --top-n: 0. It must be positive.",
        "--min-score=NaN|Invalid --min-score: NaN.",
        "--return-documents|it needs --json",
        "--format=jsonl --document-text=text|In JSON it must be a pointer",
        "a.jsonl --document-text=text|Invalid --document-text: text. In JSON it must be a pointer",
        "- -|Standard input can be read once only."
      })
  void invalidOptionsAreRefused(String arguments, String message) {
    assertThat(rank(arguments.split(" "))).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(cli.err()).contains(message);
  }

  @Test
  void aModelWithSeveralLabelsIsRefused() throws IOException {
    Path file = write("passages.txt", PASSAGES.get(0));

    assertThat(cli.run("rank", "--model=demo-nli", "--query=x", file.toString()))
        .isEqualTo(ExitCodes.FAILURE);

    assertThat(cli.err()).contains("Cannot rank with demo-nli, it has 3 labels.");
  }

  private int rank(String... arguments) {
    List<String> all = new ArrayList<>(List.of("rank", "--model=demo-qa", "--query=" + QUERY));
    all.addAll(List.of(arguments));
    return cli.run(all.toArray(String[]::new));
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }
}
