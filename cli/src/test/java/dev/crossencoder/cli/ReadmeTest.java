package dev.crossencoder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.job.record.JsonScorer;
import dev.crossencoder.job.record.PairFields;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The README's code was compiled, its samples come from a run, and its links lead somewhere. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Pattern MARKER = Pattern.compile(" *<!-- stock-flink: (.*) -->");

  @ParameterizedTest
  @CsvSource({"OperatorExample.java, operator", "JavaApiExample.java, java-api"})
  void theExampleInTheReadmeIsTheOneThatCompiles(String file, String name) throws IOException {
    String source = Files.readString(Path.of("src", "test", "java", "example").resolve(file));
    int start = source.indexOf("// readme:" + name + "\n") + ("// readme:" + name + "\n").length();
    String example = source.substring(start, source.indexOf("// end:" + name));

    assertThat(readme()).contains("```java\n" + example + "```");
  }

  @Test
  void theSamplesOfTheReadmeAreWhatTheModelsSay() throws IOException {
    List<String> samples =
        readme().lines().map(String::strip).filter(line -> line.startsWith("{\"")).toList();
    List<String> scored =
        samples.stream().filter(line -> line.contains(",\"cross_encoder\":")).toList();

    assertThat(scored).hasSizeGreaterThanOrEqualTo(2);
    for (String sample : scored) {
      JsonNode wanted = MAPPER.readTree(sample);
      JsonNode result = wanted.path("cross_encoder");
      String input = sample.substring(0, sample.indexOf(",\"cross_encoder\":")) + "}";
      String output = score(result.path("model").asText(), input);
      assertThat(output).startsWith(input.substring(0, input.length() - 1));
      assertSame(sample, wanted, MAPPER.readTree(output));
      // In the README the members have the order in which they are written.
      assertThat(names(result)).isEqualTo(names(MAPPER.readTree(output).path("cross_encoder")));
    }
  }

  @Test
  void theDemoInTheReadmeIsWhatTheModelSays() throws IOException {
    List<String> scored = new ArrayList<>();
    long failed = 0;
    try (CrossEncoder model = open("demo-qa")) {
      JsonScorer scorer = scorer(model);
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
            .map(ReadmeTest::withoutPadding)
            .collect(Collectors.toSet());
    List<String> shown =
        readme()
            .lines()
            .map(String::strip)
            .filter(line -> line.startsWith("| 0."))
            .map(ReadmeTest::withoutPadding)
            .toList();
    assertThat(shown).hasSizeGreaterThanOrEqualTo(8);
    assertThat(rows).containsAll(shown);
    assertThat(readme())
        .contains(DemoReport.of(records).lines().reduce((first, last) -> last).orElseThrow())
        .contains(
            "{\"read\":300,\"scored\":%d,\"dead_letters\":%d,".formatted(scored.size(), failed));
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

  private static JsonScorer scorer(CrossEncoder model) {
    return new JsonScorer(model, PairFields.DEFAULTS, "cross_encoder", false, false);
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
  void everyRelativeLinkLeadsToAFile() throws IOException {
    Matcher links = Pattern.compile("]\\((?!http|#)([^)#]+)").matcher(readme());
    Stream<String> targets = links.results().map(link -> link.group(1));

    assertThat(targets).isNotEmpty().allMatch(target -> Files.exists(ROOT.resolve(target)));
  }

  @Test
  void everyBlockOfTheClusterSectionIsRunOnAStockFlinkOrSaysWhyNot() throws IOException {
    String check = Files.readString(ROOT.resolve("testing/stock-flink/check"));
    List<String> lines = clusterSection();
    List<String> names = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      // A block is code if its indentation is four more than its list item's text.
      boolean begins = lines.get(i - 1).isBlank() && lines.get(i).matches("( {4}| {7})\\S.*");
      if (begins && !isInBlock(lines, i)) {
        Matcher name = MARKER.matcher(lines.get(i - 2));
        assertThat(name.matches()).as("no name before %s", lines.get(i)).isTrue();
        names.add(name.group(1));
      }
    }

    assertThat(names).contains("install", "submit", "resume");
    assertThat(names)
        .allMatch(name -> name.startsWith("not run, ") || check.contains("\nstep " + name + "\n"));
  }

  /** Whether blank lines alone are between a line and code before it. */
  private static boolean isInBlock(List<String> lines, int line) {
    int before = line - 1;
    while (lines.get(before).isBlank()) {
      before--;
    }
    return lines.get(before).matches(" {4}.*");
  }

  private static List<String> clusterSection() throws IOException {
    String readme = readme();
    int start = readme.indexOf("\n## Submit the job to a cluster\n");
    return readme.substring(start, readme.indexOf("\n## ", start + 1)).lines().toList();
  }

  private static String readme() throws IOException {
    return Files.readString(ROOT.resolve("README.md"));
  }
}
