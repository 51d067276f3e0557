package dev.crossencoder.model.compiler.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.tokenizer.PairEncoder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every tokenization that other projects recorded with the real vocabularies comes out the same,
 * but for the cases that are named here with their reasons.
 */
@Tag("data")
class RecordedTokenizationITCase {
  private static final int UNLIMITED = 100_000;
  private static final Pattern TAB = Pattern.compile("\t", Pattern.LITERAL);
  private static final Pattern SPACE = Pattern.compile(" ", Pattern.LITERAL);

  /** A published tokenizer: its vocabulary's folder and the class that reads it. */
  private enum Model {
    BERT("bert-base-uncased", "bert", 2, "vocab.txt"),
    ELECTRA("bert-base-uncased", "electra", 2, "vocab.txt"),
    DISTILBERT("bert-base-uncased", "distilbert", 0, "vocab.txt"),
    ROBERTA("roberta-base", "roberta", 1, "vocab.json merges.txt"),
    DEBERTA("deberta-base-derived", "deberta", 2, "vocab.json merges.txt"),
    DEBERTA_V3("deberta-v3", "deberta-v2", 2, "spm.model");

    private final String folder;
    private final String modelType;
    private final int segments;
    private final String files;

    Model(String folder, String modelType, int segments, String files) {
      this.folder = folder;
      this.modelType = modelType;
      this.segments = segments;
      this.files = files;
    }
  }

  @TempDir private Path temporary;
  private Path data;
  private Path expected;

  @BeforeEach
  void findTheData() {
    String folder = System.getProperty("crossencoder.data", "");
    assumeTrue(
        !folder.isBlank(),
        "Skipped, there is no data: set -Dcrossencoder.data to the folder with the recorded data.");
    data = Path.of(folder);
    expected = data.resolve("expected");
    assertThat(expected).isDirectory();
  }

  @ParameterizedTest
  @CsvSource({
    "Xenova/bert-base-uncased, BERT, 30",
    "Xenova/distilbert-base-uncased-finetuned-sst-2-english, DISTILBERT, 12",
    "Xenova/nli-deberta-v3-small, DEBERTA_V3, 29",
    "Xenova/all-distilroberta-v1, ROBERTA, 11"
  })
  void theFastTokenizersAreTheSame(String name, Model model, int size) throws IOException {
    JsonNode cases =
        JsonFiles.readObject(expected.resolve("tokenizer-hf-fast.json")).path("cases").path(name);
    List<String> differing = new ArrayList<>();
    try (PairEncoder encoder = open(model, UNLIMITED)) {
      for (JsonNode recorded : cases) {
        int[] ids =
            recorded.has("text_pair")
                ? encode(encoder, recorded.path("text"), recorded.path("text_pair").asText())
                : single(encoder, recorded.path("text").asText());
        if (!Arrays.equals(ids, ints(recorded.path("ids")))) {
          differing.add(recorded.path("case").asText());
        }
      }
    }

    assertThat(cases).hasSize(size);
    assertThat(differing).isEmpty();
  }

  /**
   * What differs are the slow tokenizers' own ways, in which {@code transformers}' fast ones differ
   * from them just so: the slow DeBERTa v3 writes a symbol without a piece as its bytes. And one
   * recording that transformers 4.57 does not repeat with either BERT tokenizer: "000" and an
   * unknown word out of the one word "000Ꙋ🦙".
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bert-base-uncased | BERT | The llama (",
        "google--electra-base-discriminator | ELECTRA | The llama (",
        "roberta-base | ROBERTA |",
        "microsoft--deberta-base | DEBERTA |",
        "microsoft--deberta-v3-base | DEBERTA_V3 | 生活的真谛是;test $1 R2;🦙;🦙Ꙋ;Ꙋ🦙;The llama ("
      })
  void theSlowTokenizersAreTheSameButForNamedTexts(String name, Model model, String named)
      throws IOException {
    JsonNode cases = slow(name).path("datasets");
    Map<String, int[]> differing = new LinkedHashMap<>();
    try (PairEncoder encoder = open(model, UNLIMITED)) {
      for (JsonNode recorded : cases) {
        String text = recorded.path("input").asText();
        int[] ids = single(encoder, text);
        int[] wanted = ints(recorded.path("ids"));
        if (!Arrays.equals(ids, wanted)) {
          differing.put(text, ids);
          assertThat(model == Model.DEBERTA_V3 ? withoutBytes(wanted) : withoutSplit(wanted))
              .as(text)
              .isEqualTo(ids);
        }
      }
    }

    assertThat(cases).hasSize(37);
    List<String> prefixes = named == null ? List.of() : List.of(named.split(";", -1));
    assertThat(differing.keySet()).hasSameSizeAs(prefixes);
    int i = 0;
    for (String text : differing.keySet()) {
      assertThat(text).startsWith(prefixes.get(i++));
    }
  }

  /** Puts the unknown token in place of each run of byte pieces, 4 to 259. */
  private static int[] withoutBytes(int[] ids) {
    List<Integer> unknown = new ArrayList<>();
    for (int id : ids) {
      boolean isByte = id >= 4 && id < 260;
      boolean followsUnknown = !unknown.isEmpty() && unknown.get(unknown.size() - 1) == 3;
      if (!isByte) {
        unknown.add(id);
      } else if (!followsUnknown) {
        unknown.add(3);
      }
    }
    return unknown.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Makes "000" and the unknown word behind it one unknown word. */
  private static int[] withoutSplit(int[] ids) {
    int zeros = 2199;
    int unknown = 100;
    List<Integer> joined = new ArrayList<>();
    for (int id : ids) {
      int last = joined.size() - 1;
      if (id == unknown && joined.get(last) == zeros) {
        joined.set(last, unknown);
      } else {
        joined.add(id);
      }
    }
    return joined.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * The recordings do not say their texts, but the ids do: "a a" first, and as many "b" second as
   * fit into ten tokens, or four.
   */
  @ParameterizedTest
  @CsvSource({
    "bert-base-uncased, BERT",
    "google--electra-base-discriminator, ELECTRA",
    "roberta-base, ROBERTA",
    "microsoft--deberta-base, DEBERTA",
    "microsoft--deberta-v3-base, DEBERTA_V3"
  })
  void pairsAreJoinedAndTruncatedTheSame(String name, Model model) throws IOException {
    JsonNode recorded = slow(name);
    try (PairEncoder encoder = open(model, 10)) {
      assertSame(encoder, "b b b b", recorded.path("pair_encode"), -1);
      assertSame(encoder, "b", recorded.path("batch_pair_encode"), 0);
      assertSame(encoder, "b b b b b b b b b b", recorded.path("batch_pair_encode"), 1);
    }
    try (PairEncoder encoder = open(model, UNLIMITED)) {
      JsonNode batch = recorded.path("batch_encode");
      assertThat(single(encoder, "a a")).isEqualTo(unpadded(batch, "input_ids", 0));
      assertThat(single(encoder, "b b b b b b b b")).isEqualTo(unpadded(batch, "input_ids", 1));
    }
  }

  private static void assertSame(PairEncoder encoder, String second, JsonNode recorded, int row) {
    EncodedPair pair = encoder.encode(new TextPair("a a", second));
    assertThat(pair.inputIds()).isEqualTo(unpadded(recorded, "input_ids", row));
    if (recorded.has("token_type_ids")) {
      assertThat(pair.tokenTypeIds()).isEqualTo(unpadded(recorded, "token_type_ids", row));
    } else {
      assertThat(pair.tokenTypeIds()).containsOnly(0);
    }
  }

  private static int[] unpadded(JsonNode recorded, String member, int row) {
    JsonNode values = row < 0 ? recorded.path(member) : recorded.path(member).path(row);
    JsonNode mask = recorded.path("attention_mask");
    int length = Arrays.stream(ints(row < 0 ? mask : mask.path(row))).sum();
    return Arrays.copyOf(ints(values), length);
  }

  @ParameterizedTest
  @CsvSource({
    "bert-base-uncased, BERT",
    "google--electra-base-discriminator, ELECTRA",
    "roberta-base, ROBERTA",
    "microsoft--deberta-base, DEBERTA",
    "microsoft--deberta-v3-base, DEBERTA_V3"
  })
  void specialTokensHaveTheSameIds(String name, Model model) throws IOException {
    Map<String, Integer> ids = new HashMap<>();
    for (JsonNode token : tokenizer(model).json(model.segments).path("added_tokens")) {
      ids.put(token.path("content").asText(), token.path("id").asInt());
    }

    slow(name)
        .path("special_tokens")
        .properties()
        .forEach(token -> assertThat(ids).containsEntry(token.getKey(), token.getValue().asInt()));
  }

  @Test
  void theSentencesOfTheTestsOfTransformersAreTheSame() throws IOException {
    JsonNode cases =
        JsonFiles.MAPPER.readTree(
            expected.resolve("tokenizer-deberta-base-transformers-test.json").toFile());
    try (PairEncoder encoder = open(Model.DEBERTA, UNLIMITED)) {
      for (JsonNode recorded : cases) {
        assertThat(single(encoder, recorded.path("text").asText()))
            .isEqualTo(ints(recorded.path("ids")));
      }
    }
    assertThat(cases).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource({
    "beir-v1.0.0-nfcorpus.test, expected/wordpiece-topics/topics.beir-v1.0.0-nfcorpus.test.tsv.gz, 323",
    "beir-v1.0.0-scifact.test, expected/wordpiece-topics/topics.beir-v1.0.0-scifact.test.tsv.gz, 300",
    "beir-v1.0.0-trec-covid.test, expected/wordpiece-topics/topics.beir-v1.0.0-trec-covid.test.tsv.gz, 50",
    "dl19-passage, retrieval/trec-dl/topics.dl19-passage.txt, 43"
  })
  void queriesAreTheSameWordPieces(String topics, String raw, int size) throws IOException {
    Map<String, String> texts = topics(data.resolve(raw));
    assertWordPieces(topics, size, entry -> texts.get(entry.getKey()));
  }

  /**
   * The data has no raw texts of these queries, so that only pieces can be put together again: what
   * the tokenizer did with the white space, case, accents and hyphens of the query is not tested.
   */
  @ParameterizedTest
  @CsvSource({"dl20, 200", "msmarco-passage.dev-subset, 6980"})
  void queriesWithoutTheirTextsAreTheSameWordPiecesAgain(String topics, int size)
      throws IOException {
    assertWordPieces(topics, size, entry -> entry.getValue().replace(" ##", ""));
  }

  private void assertWordPieces(
      String topics, int size, Function<Map.Entry<String, String>, String> text)
      throws IOException {
    Map<String, String> pieces =
        topics(expected.resolve("wordpiece-topics").resolve("topics." + topics + ".wp.tsv.gz"));
    Map<String, Integer> vocabulary =
        VocabularyFiles.readPieces(data.resolve("vocab/bert-base-uncased/vocab.txt"));
    List<String> differing = new ArrayList<>();
    try (PairEncoder encoder = open(Model.BERT, UNLIMITED)) {
      for (Map.Entry<String, String> entry : pieces.entrySet()) {
        int[] wanted =
            ("[CLS] " + entry.getValue() + " [SEP]")
                .lines()
                .flatMap(SPACE::splitAsStream)
                .mapToInt(vocabulary::get)
                .toArray();
        if (!Arrays.equals(single(encoder, text.apply(entry)), wanted)) {
          differing.add(entry.getKey());
        }
      }
    }
    assertThat(pieces).hasSize(size);
    assertThat(differing).isEmpty();
  }

  private static Map<String, String> topics(Path file) throws IOException {
    boolean packed = file.toString().endsWith(".gz");
    try (InputStream in = Files.newInputStream(file);
        BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(
                    packed ? new GZIPInputStream(in) : in, StandardCharsets.UTF_8))) {
      return reader
          .lines()
          .map(line -> TAB.split(line, 2))
          .collect(Collectors.toMap(fields -> fields[0], fields -> fields[1]));
    }
  }

  @Test
  void whatIsBuiltForRobertaIsThePublishedTokenizerJson() throws IOException {
    ObjectNode published =
        (ObjectNode) JsonFiles.readObject(data.resolve("vocab/roberta-base/tokenizer.json"));
    ArrayNode merges = JsonNodeFactory.instance.arrayNode();
    for (JsonNode merge : published.path("model").path("merges")) {
      String[] parts = SPACE.split(merge.asText(), -1);
      merges.addArray().add(parts[0]).add(parts[1]);
    }
    ((ObjectNode) published.path("model")).set("merges", merges);
    // RobertaTokenizerFast sets its mask token so, whatever the file says.
    ((ObjectNode) published.path("added_tokens").path(4)).put("normalized", false);

    assertSame(builtWithDefaultsOf(published, Model.ROBERTA), published);
  }

  @ParameterizedTest
  @ValueSource(strings = {"BERT", "ELECTRA"})
  void whatIsBuiltForBertIsThePublishedTokenizerJson(Model model) throws IOException {
    ObjectNode published =
        (ObjectNode)
            JsonFiles.readObject(data.resolve("vocab/ms-marco-MiniLM-L-6-v2/tokenizer.json"));
    published.putNull("truncation");
    published.putNull("padding");

    assertSame(builtWithDefaultsOf(published, model), published);
  }

  private static void assertSame(JsonNode built, JsonNode published) {
    for (String part : List.of("vocab", "merges")) {
      boolean same = built.path("model").path(part).equals(published.path("model").path(part));
      assertThat(same).as(part).isTrue();
      ((ObjectNode) built.path("model")).remove(part);
      ((ObjectNode) published.path("model")).remove(part);
    }
    assertThat(built).isEqualTo(published);
  }

  /** Older versions leave out what newer ones write though it is the default. */
  private JsonNode builtWithDefaultsOf(ObjectNode published, Model model) throws IOException {
    ObjectNode built = tokenizer(model).json(model.segments).deepCopy();
    removeMissing(built, published);
    return built;
  }

  private static void removeMissing(JsonNode built, JsonNode published) {
    Map<String, JsonNode> defaults =
        Map.of(
            "type", JsonNodeFactory.instance.textNode("BPE"),
            "use_regex", JsonNodeFactory.instance.booleanNode(true),
            "byte_fallback", JsonNodeFactory.instance.booleanNode(false),
            "ignore_merges", JsonNodeFactory.instance.booleanNode(false));
    if (built instanceof ObjectNode object) {
      defaults.forEach(
          (name, value) -> {
            if (!published.has(name) && value.equals(object.get(name))) {
              object.remove(name);
            }
          });
      object
          .properties()
          .forEach(member -> removeMissing(member.getValue(), published.path(member.getKey())));
    }
  }

  /** The published DeBERTa v3 has 128,000 pieces. */
  @ParameterizedTest
  @EnumSource(Model.class)
  void buildingTakesNoTime(Model model) throws IOException {
    long start = System.nanoTime();
    tokenizer(model).json(model.segments);
    double seconds = (System.nanoTime() - start) / 1e9;

    System.out.printf("%s: built in %.2f s%n", model, seconds);
    assertThat(seconds).isLessThan(10);
  }

  private JsonNode slow(String name) {
    return JsonFiles.readObject(expected.resolve("tokenizer-hf-slow").resolve(name + ".json"));
  }

  private CheckpointTokenizer tokenizer(Model model) throws IOException {
    Path checkpoint = Files.createTempDirectory(temporary, model.name());
    for (String file : SPACE.split(model.files, -1)) {
      Files.copy(
          data.resolve("vocab").resolve(model.folder).resolve(file), checkpoint.resolve(file));
    }
    return CheckpointTokenizer.read(
        checkpoint, JsonNodeFactory.instance.objectNode().put("model_type", model.modelType));
  }

  private PairEncoder open(Model model, int maxLength) throws IOException {
    Path file = Files.createTempFile(temporary, "tokenizer", ".json");
    Files.writeString(file, tokenizer(model).json(model.segments).toString());
    return PairEncoder.load(file, maxLength);
  }

  private static int[] ints(JsonNode array) {
    return JsonFiles.MAPPER.convertValue(array, int[].class);
  }

  private static int[] encode(PairEncoder encoder, JsonNode text, String textPair) {
    return encoder.encode(new TextPair(text.asText(), textPair)).inputIds();
  }

  /** A text alone: a pair without what the template adds for an empty second text. */
  private static int[] single(PairEncoder encoder, String text) {
    int[] pair = encoder.encode(new TextPair(text, "")).inputIds();
    int separators = encoder.encode(new TextPair("", "")).inputIds().length - 2;
    return Arrays.copyOf(pair, pair.length - separators);
  }
}
