package dev.crossencoder.model.compiler.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.tokenizer.PairEncoder;
import dev.crossencoder.model.tokenizer.PairTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the files of a checkpoint decide of its tokenizer. */
class CheckpointTokenizerTest {
  @TempDir private Path folder;

  @BeforeEach
  void writeAVocabulary() throws IOException {
    Files.writeString(
        folder.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nparis\nPARIS\nzurich\n");
    config("{\"model_type\":\"bert\"}");
  }

  @ParameterizedTest
  @CsvSource({
    "bert, BertTokenizer, 2, , 1",
    "bert, BertTokenizer, 1, , 0",
    "bert, BertTokenizer, 0, , 0",
    "electra, ElectraTokenizerFast, 2, , 1",
    "distilbert, DistilBertTokenizer, 2, , 0",
    "distilbert, BertTokenizer, 0, , 0",
    "bert, DistilBertTokenizerFast, 2, , 0",
    "bert, BertTokenizer, 2, '[\"input_ids\",\"attention_mask\"]', 0",
    "bert, DistilBertTokenizer, 2, '[\"input_ids\",\"token_type_ids\"]', 1"
  })
  void segmentsCountIfTheTokenizerGivesThemAndTheModelTellsThemApart(
      String type, String tokenizerClass, int segments, String inputs, int expected)
      throws IOException {
    config("{\"model_type\":\"%s\"}".formatted(type));
    ObjectNode tokenizerConfig = JsonFiles.MAPPER.createObjectNode();
    tokenizerConfig.put("tokenizer_class", tokenizerClass);
    if (inputs != null) {
      tokenizerConfig.set("model_input_names", JsonFiles.MAPPER.readTree(inputs));
    }
    tokenizerConfig(tokenizerConfig.toString());

    JsonNode json = read().json(segments);

    assertThat(PairTemplate.parse(json).maxTypeId()).isEqualTo(expected);
  }

  /** Transformers 5, which alone knows the second class, gives it no segments by itself. */
  @ParameterizedTest
  @CsvSource({
    "PreTrainedTokenizerFast, , 1",
    "PreTrainedTokenizerFast, '[\"input_ids\",\"attention_mask\"]', 0",
    "TokenizersBackend, , 0",
    "TokenizersBackend, '[\"input_ids\",\"token_type_ids\",\"attention_mask\"]', 1"
  })
  void theGenericClassesDifferInSegments(String tokenizerClass, String inputs, int expected)
      throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), read().json(2).toString());
    ObjectNode tokenizerConfig = JsonFiles.MAPPER.createObjectNode();
    tokenizerConfig.put("tokenizer_class", tokenizerClass);
    if (inputs != null) {
      tokenizerConfig.set("model_input_names", JsonFiles.MAPPER.readTree(inputs));
    }
    tokenizerConfig(tokenizerConfig.toString());

    assertThat(PairTemplate.parse(read().json(2)).maxTypeId()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"BertProcessing\",\"sep\":[\"[SEP]\",3],\"cls\":[\"[CLS]\",2]}",
        "{\"type\":\"Sequence\",\"processors\":[{\"type\":\"ByteLevel\"},{\"type\":\"BertProcessing\",\"sep\":[\"[SEP]\",3],\"cls\":[\"[CLS]\",2]}]}"
      })
  void everyTemplateCanDoWithoutSegments(String processor) throws IOException {
    ObjectNode ready = read().json(2).deepCopy();
    ready.set("post_processor", JsonFiles.MAPPER.readTree(processor));
    Files.writeString(folder.resolve("tokenizer.json"), ready.toString());

    CheckpointTokenizer tokenizer = read();

    assertThat(PairTemplate.parse(tokenizer.json(2)).maxTypeId()).isEqualTo(1);
    assertThat(PairTemplate.parse(tokenizer.json(1)).maxTypeId()).isZero();
    assertThat(join(tokenizer.json(1)).inputIds()).containsExactly(2, 5, 3, 6, 7, 3);
    assertThat(join(tokenizer.json(1)).tokenTypeIds()).containsOnly(0);
    assertThat(join(tokenizer.json(2)).tokenTypeIds()).containsExactly(0, 0, 0, 1, 1, 1);
  }

  @Test
  void robertasTemplateHasTwoSeparatorsBetweenTheTexts() throws IOException {
    ObjectNode ready = read().json(2).deepCopy();
    ready.set(
        "post_processor",
        JsonFiles.MAPPER.readTree(
            "{\"type\":\"RobertaProcessing\",\"sep\":[\"[SEP]\",3],\"cls\":[\"[CLS]\",2]}"));

    assertThat(join(ready).inputIds()).containsExactly(2, 5, 3, 3, 6, 7, 3);
    assertThat(join(ready).tokenTypeIds()).containsOnly(0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\":\"Sequence\",\"processors\":[]} | whose post_processor is a Sequence of 0 processors beside ByteLevel. It must be one.",
        "{\"type\":\"Sequence\",\"processors\":[{\"type\":\"A\"},{\"type\":\"B\"}]} | whose post_processor is a Sequence of 2 processors beside ByteLevel. It must be one.",
        "{\"type\":\"ByteLevel\"} | with the post_processor ByteLevel. It must be TemplateProcessing, BertProcessing or RobertaProcessing.",
        "{\"type\":\"Sequence\",\"processors\":[{\"type\":\"A\"}]} | with the post_processor A. It must be TemplateProcessing, BertProcessing or RobertaProcessing."
      })
  void aTemplateThatIsNotKnownIsRefused(String processor, String message) throws IOException {
    ObjectNode ready = read().json(2).deepCopy();
    ready.set("post_processor", JsonFiles.MAPPER.readTree(processor));
    Files.writeString(folder.resolve("tokenizer.json"), ready.toString());

    for (int segments : List.of(1, 2)) {
      assertThatExceptionOfType(InvalidModelException.class)
          .isThrownBy(() -> PairTemplate.parse(read().json(segments)))
          .withMessage("Cannot use a tokenizer.json %s", message);
    }
  }

  @Test
  void aTemplateThatIsNoneIsRefusedWithoutSegmentsToo() throws IOException {
    ObjectNode ready = read().json(2).deepCopy();
    ready.set(
        "post_processor",
        JsonFiles.MAPPER.readTree("{\"type\":\"TemplateProcessing\",\"pair\":[[1],2,\"x\"]}"));
    Files.writeString(folder.resolve("tokenizer.json"), ready.toString());

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> PairTemplate.parse(read().json(1)));
  }

  @ParameterizedTest
  @CsvSource({
    "left, , Left",
    "right, Left, Right",
    ", Left, Left",
    ", Right, Right",
    "left, Right, Left"
  })
  void theSideThatIsCutIsInTheBundle(String declared, String ready, String expected)
      throws IOException {
    if (ready != null) {
      ObjectNode json = read().json(2).deepCopy();
      json.putObject("truncation")
          .put("direction", ready)
          .put("max_length", 3)
          .put("strategy", "OnlyFirst")
          .put("stride", 0);
      Files.writeString(folder.resolve("tokenizer.json"), json.toString());
    }
    if (declared != null) {
      tokenizerConfig("{\"truncation_side\":\"%s\"}".formatted(declared));
    }

    assertThat(read().json(2).path("truncation").path("direction").asText()).isEqualTo(expected);
  }

  @Test
  void theLastTokensStayIfTheLeftSideIsCut() throws IOException {
    tokenizerConfig("{\"truncation_side\":\"left\"}");
    Path file = Files.writeString(folder.resolve("bundle.json"), read().json(2).toString());

    try (PairEncoder encoder = PairEncoder.load(file, 7)) {
      EncodedPair pair = encoder.encode(new TextPair("paris zurich", "zurich zurich paris paris"));

      assertThat(pair.inputIds()).containsExactly(2, 5, 7, 3, 5, 5, 3);
      assertThat(pair.truncated()).isTrue();
    }
  }

  @Test
  void anotherSideIsRefused() throws IOException {
    tokenizerConfig("{\"truncation_side\":\"middle\"}");

    assertRefused(
        "Invalid truncation side of the tokenizer of %s: middle. It must be right or left."
            .formatted(folder));
  }

  @Test
  void splittingSpecialTokensIsRefused() throws IOException {
    tokenizerConfig("{\"split_special_tokens\":true}");

    assertRefused(
        "Invalid split_special_tokens in %s: true. Only false is supported."
            .formatted(folder.resolve("tokenizer_config.json")));
  }

  @ParameterizedTest
  @CsvSource({
    "roberta, or vocab.json with merges.txt ",
    "bart, or vocab.json with merges.txt ",
    "deberta, or vocab.json with merges.txt ",
    "deberta-v2, or spm.model ",
    "xlm-roberta, or sentencepiece.bpe.model ",
    "camembert, or sentencepiece.bpe.model ",
    "modernbert, ''"
  })
  void theFilesThatAClassNeedsAreNamed(String type, String files) throws IOException {
    config("{\"model_type\":\"%s\"}".formatted(type));

    String wanted = files == null || files.isBlank() ? "" : files.strip() + " ";
    assertRefused("Cannot find tokenizer.json %sin %s.".formatted(wanted, folder));
  }

  @Test
  void oneOfTwoFilesIsNotEnough() throws IOException {
    config("{\"model_type\":\"roberta\"}");
    Files.writeString(folder.resolve("vocab.json"), "{\"<s>\":0}");

    assertRefused(
        "Cannot find tokenizer.json or vocab.json with merges.txt in %s.".formatted(folder));
  }

  @ParameterizedTest
  @CsvSource({"tokenizer_class, T5TokenizerFast", "model_type, t5"})
  void anUnknownClassIsRefusedWithTheKnownOnes(String key, String value) throws IOException {
    config("{\"%s\":\"%s\"}".formatted(key, value));

    assertRefused(
        "Cannot use the tokenizer of %s, its %s is %s. Known tokenizer classes: BertTokenizer, ElectraTokenizer, DistilBertTokenizer, RobertaTokenizer, BartTokenizer, DebertaTokenizer, DebertaV2Tokenizer, XLMRobertaTokenizer, CamembertTokenizer, PreTrainedTokenizer, TokenizersBackend. If its tokenizer.json is complete, set tokenizer_class in tokenizer_config.json to PreTrainedTokenizerFast."
            .formatted(folder, key, value));
  }

  @Test
  void theTokenizerConfigNamesTheClassBeforeTheModelDoes() throws IOException {
    config("{\"model_type\":\"roberta\",\"tokenizer_class\":\"T5Tokenizer\"}");
    tokenizerConfig("{\"tokenizer_class\":\"BertTokenizer\"}");

    assertThat(read().json(2).path("model").path("type").asText()).isEqualTo("WordPiece");
  }

  @Test
  void transformers5NamesItsGenericClassOtherwise() throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), read().json(2).toString());
    tokenizerConfig("{\"tokenizer_class\":\"TokenizersBackend\",\"do_lower_case\":false}");

    assertThat(read().json(2).path("normalizer").path("lowercase").asBoolean()).isTrue();
  }

  /** BertTokenizerFast goes by tokenizer_config.json, and by its own defaults if that is silent. */
  @ParameterizedTest
  @CsvSource({
    "{}, true, true, null",
    "{\"do_lower_case\":false}, false, true, null",
    "{\"tokenize_chinese_chars\":false}, true, false, null",
    "{\"strip_accents\":true}, true, true, true"
  })
  void aReadyNormaliserIsSet(String config, boolean lowercase, boolean chinese, String accents)
      throws IOException {
    ObjectNode ready = read().json(2).deepCopy();
    ((ObjectNode) ready.path("normalizer"))
        .put("lowercase", false)
        .put("handle_chinese_chars", false)
        .put("strip_accents", false);
    Files.writeString(folder.resolve("tokenizer.json"), ready.toString());
    tokenizerConfig(config);

    JsonNode normalizer = read().json(2).path("normalizer");

    assertThat(normalizer.path("lowercase").asBoolean()).isEqualTo(lowercase);
    assertThat(normalizer.path("handle_chinese_chars").asBoolean()).isEqualTo(chinese);
    assertThat(normalizer.path("strip_accents").asText()).isEqualTo(accents);
  }

  @Test
  void specialTokensMayBeTextsOrObjects() throws IOException {
    Files.writeString(
        folder.resolve("vocab.txt"), "[PAD]\n[UNK]\n<one>\n<two>\n[MASK]\nparis\nzurich\n");
    tokenizerConfig(
        "{\"cls_token\":\"<one>\",\"sep_token\":{\"__type\":\"AddedToken\",\"content\":\"<two>\",\"lstrip\":false},\"mask_token\":null}");

    JsonNode json = read().json(2);

    assertThat(join(json).inputIds()).startsWith(2, 5, 3).endsWith(3);
    assertThat(json.path("added_tokens"))
        .extracting(token -> token.path("content").asText())
        .containsExactly("[PAD]", "[UNK]", "<one>", "<two>");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"cls_token\":7} | Invalid cls_token of a tokenizer: 7. It must be a string or an object with its content.",
        "{\"cls_token\":{\"lstrip\":true}} | Invalid added token: {\"lstrip\":true}. It must be an object with its content.",
        "{\"cls_token\":null} | Cannot build a tokenizer, its cls_token is null. It needs one.",
        "{\"added_tokens_decoder\":{\"x\":{\"content\":\"a\"}}} | Invalid key in added_tokens_decoder of tokenizer_config.json: x. It must be a token id.",
        "{\"added_tokens_decoder\":{\"9\":\"a\"}} | Invalid added token: \"a\". It must be an object with its content."
      })
  void aSpecialTokenThatIsNoneIsRefused(String config, String message) throws IOException {
    tokenizerConfig(config);

    assertRefused(message);
  }

  /** The class would have it take the space before it; what the checkpoint says of it counts. */
  @Test
  void aTokenThatTheConfigDescribesKeepsItsFlags() throws IOException {
    ObjectNode ready = read().json(2).deepCopy();
    AddedVocabulary added = AddedVocabulary.of(ready);
    added.addAll(List.of(AddedToken.special("<mask>").withLstrip()));
    added.write();
    Files.writeString(folder.resolve("tokenizer.json"), ready.toString());
    tokenizerConfig(
        "{\"tokenizer_class\":\"XLMRobertaTokenizer\",\"added_tokens_decoder\":{\"8\":{\"content\":\"<mask>\",\"rstrip\":true,\"special\":true}}}");

    JsonNode mask = read().json(2).path("added_tokens").path(5);

    assertThat(mask.path("content").asText()).isEqualTo("<mask>");
    assertThat(mask.path("rstrip").asBoolean()).isTrue();
    assertThat(mask.path("lstrip").asBoolean()).isFalse();
  }

  @Test
  void aSpecialTokenThatWasOnceNotNormalisedStaysSo() throws IOException {
    ObjectNode json = read().json(2).deepCopy();
    AddedVocabulary added = AddedVocabulary.of(json);

    added.addAll(List.of(AddedToken.special("[SEP]").withNormalized().withLstrip()));
    added.write();

    JsonNode separator = json.path("added_tokens").path(3);
    assertThat(separator.path("lstrip").asBoolean()).isTrue();
    assertThat(separator.path("normalized").asBoolean()).isFalse();
  }

  @Test
  void anIdThatIsNoneInAddedTokensIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("added_tokens.json"), "{\"new\":\"8\"}");

    assertRefused("Invalid id of new in %s: \"8\". It must be a whole number.".formatted(file));
  }

  /** Line 5 is there twice: seven pieces, the last has the id 7. */
  @Test
  void aNewTokenBehindAGapIsRefused() throws IOException {
    Files.writeString(
        folder.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nparis\nparis\nzurich\n");
    assertThat(read().json(2).path("model").path("vocab")).hasSize(7);
    Files.writeString(folder.resolve("added_tokens.json"), "{\"new\":8}");

    assertRefused(
        "Cannot use a tokenizer that adds the token new to 7 pieces with ids up to 7. The ids must have no gaps, or the vocabulary must have the token.");
  }

  @ParameterizedTest
  @CsvSource({
    "{}, ''",
    "{\"model_max_length\":128}, 128",
    "{\"max_len\":256}, 256",
    "'{\"model_max_length\":128,\"max_len\":256}', 128",
    "'{\"model_max_length\":null,\"max_len\":256}', 256"
  })
  void theLengthIsTheTokenizersOwn(String config, String expected) throws IOException {
    tokenizerConfig(config);

    assertThat(read().declaredLength().asText()).isEqualTo(expected == null ? "" : expected);
  }

  @Test
  void everyFileOfATokenizerCountsForTheRevision() throws IOException {
    Set<String> revisions = new HashSet<>();
    revisions.add(BundleBuilder.revision(folder));
    List<String> files = new ArrayList<>(CheckpointTokenizer.FILES);
    for (String file : files) {
      Files.writeString(folder.resolve(file), "other");
      revisions.add(BundleBuilder.revision(folder));
    }

    assertThat(revisions).hasSize(1 + files.size());
  }

  @Test
  @Timeout(20)
  void newTokensByTheHundredThousandTakeNoLongerThanReadingThem() throws IOException {
    int count = 300_000;
    StringBuilder tokens = new StringBuilder();
    for (int i = 0; i < count; i++) {
      tokens.append(i == 0 ? "[" : ",").append("\"new-").append(i).append('"');
    }
    config("{\"model_type\":\"bert\"}");
    Files.writeString(
        folder.resolve("special_tokens_map.json"),
        "{\"additional_special_tokens\":%s]}".formatted(tokens));

    assertThat(read().json(2).path("added_tokens")).hasSizeGreaterThanOrEqualTo(count);
  }

  private EncodedPair join(JsonNode json) {
    return PairTemplate.parse(json).join(new int[] {5}, new int[] {6, 7}, false);
  }

  private CheckpointTokenizer read() {
    return CheckpointTokenizer.read(folder, JsonFiles.readObject(folder.resolve("config.json")));
  }

  private void config(String json) throws IOException {
    Files.writeString(folder.resolve("config.json"), json);
  }

  private void tokenizerConfig(String json) throws IOException {
    Files.writeString(folder.resolve("tokenizer_config.json"), json);
  }

  private void assertRefused(String message) {
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(this::read)
        .withMessage(message);
  }
}
