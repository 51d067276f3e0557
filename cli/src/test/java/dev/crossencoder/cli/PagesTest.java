package dev.crossencoder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.cli.demo.DemoReport;
import dev.crossencoder.cli.local.DemoData;
import dev.crossencoder.cli.local.DemoRecord;
import dev.crossencoder.job.record.ClassifyFields;
import dev.crossencoder.job.record.InputFraming;
import dev.crossencoder.job.record.JsonScorer;
import dev.crossencoder.job.record.PairFields;
import dev.crossencoder.job.record.ResultMember;
import dev.crossencoder.model.classification.ClassifyOptions;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.operator.LabelThresholds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The README and the pages of docs: their code was compiled, their samples come from a run, their
 * commands are run by a test, and their links lead somewhere.
 */
class PagesTest {
  private static final Path ROOT = Path.of("..");
  private static final Path README = ROOT.resolve("README.md");
  private static final Path DOCS = ROOT.resolve("docs");
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Pattern MARKER = Pattern.compile("<!-- stock-flink: (.*) -->");
  private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```$");
  private static final Pattern COMMENT = Pattern.compile("(?s)<!--.*?-->");

  @ParameterizedTest
  @CsvSource({
    "OperatorExample.java, operator, operator.md",
    "JavaApiExample.java, java-api, java.md",
    "../../../../../langchain4j/src/test/java/example/LangChain4jExample.java, langchain4j, java.md",
    "../../../../../evaluation/src/test/java/example/EvaluationExample.java, evaluation, evaluate.md",
    "SqlExample.java, table-api, sql.md"
  })
  void theExampleOnAPageIsTheOneThatCompiles(String file, String name, String page)
      throws IOException {
    String source = Files.readString(Path.of("src", "test", "java", "example").resolve(file));
    int start = source.indexOf("// readme:" + name + "\n") + ("// readme:" + name + "\n").length();
    String example = source.substring(start, source.indexOf("// end:" + name));

    assertThat(DOCS.resolve(page)).content().contains("```java\n" + example + "```");
  }

  @Test
  void theSamplesOfTheReadmeAndThePagesAreWhatTheModelsSay() throws IOException {
    List<String> scored = new ArrayList<>();
    for (Path page : List.of(README, DOCS.resolve("quickstart.md"), DOCS.resolve("result.md"))) {
      List<String> ofPage =
          Files.readString(page)
              .lines()
              .map(String::strip)
              .filter(line -> line.startsWith("{\"") && line.contains(",\"cross_encoder\":"))
              .toList();
      assertThat(ofPage).as(page.toString()).hasSizeGreaterThanOrEqualTo(2);
      scored.addAll(ofPage);
    }

    for (String sample : scored) {
      JsonNode wanted = MAPPER.readTree(sample);
      JsonNode result = wanted.path("cross_encoder");
      String input = sample.substring(0, sample.indexOf(",\"cross_encoder\":")) + "}";
      String output = score(result.path("model").asText(), input);
      assertThat(output).startsWith(input.substring(0, input.length() - 1));
      assertSame(sample, wanted, MAPPER.readTree(output));
      // On the pages the members have the order in which they are written.
      assertThat(names(result)).isEqualTo(names(MAPPER.readTree(output).path("cross_encoder")));
    }
  }

  @Test
  void theSamplesOfThePageAboutClassificationAreWhatTheModelSays() throws IOException {
    List<String> samples =
        Files.readString(DOCS.resolve("classify.md"))
            .lines()
            .map(String::strip)
            .filter(line -> line.startsWith("{\"") && line.contains(",\"cross_encoder\":"))
            .toList();
    assertThat(samples).hasSize(2);
    for (String sample : samples) {
      JsonNode wanted = MAPPER.readTree(sample);
      String input = sample.substring(0, sample.indexOf(",\"cross_encoder\":")) + "}";
      List<String> labels = new ArrayList<>();
      wanted.at("/cross_encoder/labels").forEach(label -> labels.add(label.asText()));
      ClassifyFields fields =
          new ClassifyFields(ClassifyFields.DEFAULT_TEXT, wanted.has("labels") ? "/labels" : null);
      try (CrossEncoder model = open("demo-nli")) {
        ResultMember member = new ResultMember("cross_encoder", false, false, InputFraming.NONE);
        JsonScorer.Outcome outcome =
            JsonScorer.ofLabels(
                    model,
                    fields,
                    labels,
                    ClassifyOptions.DEFAULT,
                    100,
                    LabelThresholds.NONE,
                    member)
                .score(List.of(input.getBytes(StandardCharsets.UTF_8)))
                .get(0);
        String output = new String(outcome.value(), StandardCharsets.UTF_8);
        assertThat(output).startsWith(input.substring(0, input.length() - 1));
        JsonNode found = MAPPER.readTree(output);
        assertThat(names(found.path("cross_encoder")))
            .isEqualTo(names(wanted.path("cross_encoder")));
        assertThat(found.at("/cross_encoder/labels")).isEqualTo(wanted.at("/cross_encoder/labels"));
        for (int i = 0; i < labels.size(); i++) {
          assertThat(found.at("/cross_encoder/scores").path(i).asDouble())
              .isCloseTo(wanted.at("/cross_encoder/scores").path(i).asDouble(), offset(1e-5));
        }
      }
    }
  }

  @Test
  void theDemoInTheReadmeAndTheQuickStartIsWhatTheModelSays() throws IOException {
    List<String> scored = new ArrayList<>();
    long failed = 0;
    try (CrossEncoder model = open("demo-rank")) {
      JsonScorer<?> scorer = scorer(model);
      List<byte[]> values =
          DemoData.questions().records(300).stream().map(DemoRecord::value).toList();
      for (JsonScorer.Outcome outcome : scorer.score(values)) {
        if (outcome.failure() == null) {
          scored.add(new String(outcome.value(), StandardCharsets.UTF_8));
        } else {
          failed++;
        }
      }
    }
    List<JsonNode> records = new ArrayList<>();
    for (String record : scored) {
      records.add(MAPPER.readTree(record));
    }
    // Which questions come first depends on the partitions, so each is reported alone.
    Set<String> rows =
        records.stream()
            .collect(Collectors.groupingBy(record -> record.path("question").asText()))
            .values()
            .stream()
            .flatMap(group -> DemoReport.of(group).lines())
            .map(PagesTest::withoutPadding)
            .collect(Collectors.toSet());
    String quickStart = Files.readString(DOCS.resolve("quickstart.md"));
    for (String page : List.of(quickStart, Files.readString(README))) {
      List<String> shown =
          page.lines()
              .map(String::strip)
              .filter(line -> line.startsWith("| 0."))
              .map(PagesTest::withoutPadding)
              .toList();
      assertThat(shown).hasSizeGreaterThanOrEqualTo(4);
      assertThat(rows).containsAll(shown);
      assertThat(page)
          .contains(
              "{\"read\":300,\"scored\":%d,\"dead_letters\":%d,".formatted(scored.size(), failed));
    }
    assertThat(quickStart)
        .contains(DemoReport.of(records).lines().reduce((first, last) -> last).orElseThrow());
  }

  private static String withoutPadding(String line) {
    return line.replaceAll(" +", " ");
  }

  private static String score(String model, String input) throws IOException {
    try (CrossEncoder opened = open(model)) {
      JsonScorer.Outcome outcome =
          scorer(opened).score(List.of(input.getBytes(StandardCharsets.UTF_8))).get(0);
      return new String(outcome.value(), StandardCharsets.UTF_8);
    }
  }

  private static CrossEncoder open(String model) {
    return CrossEncoder.open(
        ModelRepository.shared().resolve(model), CrossEncoderOptions.DEFAULT.withThreads(1));
  }

  private static JsonScorer<?> scorer(CrossEncoder model) {
    return JsonScorer.ofPairs(
        model,
        PairFields.DEFAULTS,
        new ResultMember("cross_encoder", false, false, InputFraming.NONE),
        Float.NEGATIVE_INFINITY,
        LabelThresholds.NONE);
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** Digests are abbreviated, and the last digits of a number differ between processors. */
  private static void assertSame(String sample, JsonNode wanted, JsonNode found) {
    if (wanted.isObject()) {
      assertThat(names(found)).as(sample).isEqualTo(names(wanted));
      names(wanted).forEach(name -> assertSame(sample, wanted.get(name), found.get(name)));
    } else if (wanted.isFloat() || wanted.isDouble()) {
      assertThat(found.asDouble()).as(sample).isCloseTo(wanted.asDouble(), offset(1e-5));
    } else if (wanted.asText().endsWith("…")) {
      String start = wanted.asText().substring(0, wanted.asText().length() - 1);
      assertThat(found.asText()).as(sample).startsWith(start).hasSize("sha256:".length() + 64);
    } else {
      assertThat(found).as(sample).isEqualTo(wanted);
    }
  }

  @Test
  void theReadmeIsShort() throws IOException {
    assertThat(Files.readAllLines(README)).hasSizeLessThanOrEqualTo(150);
  }

  @Test
  void everyPageIsInTheIndex() throws IOException {
    String index = Files.readString(DOCS.resolve("index.md"));
    List<String> pages = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(DOCS, "*.md")) {
      files.forEach(page -> pages.add(page.getFileName().toString()));
    }
    pages.remove("index.md");

    assertThat(pages).isNotEmpty().allMatch(page -> index.contains("](" + page + ")"));
  }

  @Test
  void everyLinkLeadsToAFileAndToAHeadingInIt() throws IOException {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path page : allPages()) {
      String text =
          COMMENT.matcher(FENCED.matcher(Files.readString(page)).replaceAll("")).replaceAll("");
      text = text.replaceAll("`[^`\n]*`", "");
      Matcher link = Pattern.compile("]\\(([^()\\s]+)\\)").matcher(text);
      while (link.find()) {
        String target = link.group(1);
        if (target.matches("[a-z]+:.*")) {
          continue;
        }
        links++;
        int hash = target.indexOf('#');
        String file = hash < 0 ? target : target.substring(0, hash);
        Path linked = file.isEmpty() ? page : page.resolveSibling(file).normalize();
        if (!Files.exists(linked)
            || (hash >= 0 && !anchors(linked).contains(target.substring(hash + 1)))) {
          broken.add(ROOT.relativize(page) + ": " + target);
        }
      }
    }

    assertThat(links).isGreaterThan(100);
    assertThat(broken).isEmpty();
  }

  /** All pages of the project and its modules; a notes.md is part of the page beside its folder. */
  private static List<Path> allPages() throws IOException {
    List<Path> pages = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            boolean skipped = name.equals("target") || name.matches("\\.[^.].*");
            return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = file.getFileName().toString();
            if (name.endsWith(".md") && !name.equals("notes.md")) {
              pages.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return pages;
  }

  /** The anchors that GitHub gives to the headings of a page. */
  private static Set<String> anchors(Path page) throws IOException {
    Set<String> anchors = new HashSet<>();
    String text = FENCED.matcher(Files.readString(page)).replaceAll("");
    Matcher heading = Pattern.compile("(?m)^#{1,6} (.*)$").matcher(text);
    while (heading.find()) {
      String anchor =
          heading
              .group(1)
              .strip()
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^\\p{L}\\p{N} _-]", "")
              .replace(' ', '-');
      String unique = anchor;
      for (int i = 1; !anchors.add(unique); i++) {
        unique = anchor + "-" + i;
      }
    }
    return anchors;
  }

  @ParameterizedTest
  @CsvSource({"cluster.md, check", "sql.md, check-sql"})
  void everyBlockOfAPageIsRunOnAStockFlinkOrSaysWhyNot(String page, String script)
      throws IOException {
    String check = Files.readString(ROOT.resolve("testing/stock-flink").resolve(script));
    List<String> lines = Files.readAllLines(DOCS.resolve(page));
    List<String> names = new ArrayList<>();
    boolean code = false;
    for (int i = 2; i < lines.size(); i++) {
      if (lines.get(i).startsWith("```")) {
        code = !code;
      }
      if (code && lines.get(i).equals("```bash")) {
        Matcher name = MARKER.matcher(lines.get(i - 2));
        assertThat(name.matches()).as("no name before line %d", i + 1).isTrue();
        names.add(name.group(1));
      } else if (code) {
        // Statements have names for another test.
        assertThat(lines.get(i)).doesNotMatch("```(sh|shell)?");
      } else {
        assertThat(lines.get(i)).as("code without a language").doesNotMatch(" {4}\\S.*");
      }
    }

    assertThat(names).contains("variables", "install", "start", "record").doesNotHaveDuplicates();
    assertThat(names)
        .allMatch(
            name ->
                name.startsWith("not run, ")
                    || Pattern.compile("(?m)^ *step " + name + "$").matcher(check).find());
  }

  @Test
  void theScriptOnThePageAboutSqlIsTheOneThatIsRun() throws IOException {
    String script = Files.readString(ROOT.resolve("testing/stock-flink/predict.py"));

    assertThat(DOCS.resolve("sql.md")).content().contains("```python\n" + script + "```");
  }
}
