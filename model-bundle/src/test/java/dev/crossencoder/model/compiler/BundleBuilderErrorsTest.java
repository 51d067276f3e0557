package dev.crossencoder.model.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelNotFoundException;
import dev.crossencoder.model.compiler.architecture.Architecture;
import dev.crossencoder.model.compiler.architecture.Architectures;
import dev.crossencoder.model.compiler.tensor.TensorType;
import dev.crossencoder.model.compiler.tokenizer.CheckpointTokenizer;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.testing.ParityCheckpoint;
import dev.crossencoder.model.testing.TestSafetensors;
import dev.crossencoder.model.testing.TestSafetensors.Tensor;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A checkpoint that cannot be compiled says what is wrong with it, and leaves nothing behind. */
class BundleBuilderErrorsTest {
  private static final String ENCODER_ALONE =
      "[{\"path\":\"\",\"type\":\"sentence_transformers.base.modules.transformer.Transformer\"}]";

  @TempDir private Path folder;
  private Path checkpoint;
  private Path bundle;
  private TinyCheckpoint tiny;

  @BeforeEach
  void startFromAGoodCheckpoint() {
    checkpoint = folder.resolve("checkpoint");
    bundle = folder.resolve("bundles").resolve("bundle");
    tiny = TinyCheckpoint.create();
  }

  @Test
  void aCheckpointThatIsNotThereMayComeYet() {
    assertThatExceptionOfType(ModelNotFoundException.class)
        .isThrownBy(() -> BundleBuilder.fromCheckpoint(checkpoint).build(bundle))
        .withMessage("Cannot find the checkpoint %s, there is no such folder.", checkpoint);
  }

  @ParameterizedTest
  @CsvSource({
    "config.json, Cannot find the file {0}/config.json. The folder must contain it.",
    "model.safetensors, Cannot find model.safetensors or model.safetensors.index.json in {0}.",
    "vocab.txt, Cannot find tokenizer.json or vocab.txt in {0}."
  })
  void aMissingFileIsNamed(String file, String message) throws IOException {
    tiny.writeTo(checkpoint);
    Files.delete(checkpoint.resolve(file));

    assertRefused(message.replace("{0}", checkpoint.toString()));
  }

  @Test
  void pickledWeightsAreRefusedWithWhatToDo() throws IOException {
    tiny.writeTo(checkpoint);
    Files.move(checkpoint.resolve("model.safetensors"), checkpoint.resolve("pytorch_model.bin"));

    assertRefused(
        "Cannot use pytorch_model.bin of %s, a pickle can run code when it is read. Save the model as model.safetensors: in Python, model.save_pretrained(folder, safe_serialization=True)."
            .formatted(checkpoint));
  }

  @Test
  void aMissingTensorIsNamed() throws IOException {
    tiny.tensors.remove("bert.encoder.layer.1.output.dense.bias");
    tiny.writeTo(checkpoint);

    assertRefused(
        "Cannot compile %s, it lacks 1 of the tensors of a BertForSequenceClassification: bert.encoder.layer.1.output.dense.bias. A cross-encoder needs a checkpoint saved with its trained classification head."
            .formatted(checkpoint.resolve("model.safetensors")));
  }

  @ParameterizedTest
  @CsvSource({
    "bert.encoder.layer.0.attention.self.key.weight, '[32, 16]', '[32, 32]'",
    "bert.embeddings.position_embeddings.weight, '[63, 32]', '[64, 32]'",
    "bert.embeddings.token_type_embeddings.weight, '[1, 32]', '[2, 32]'",
    "classifier.weight, '[2, 32]', '[1, 32]'",
    "classifier.bias, '[1, 1]', '[1]'"
  })
  void aShapeThatContradictsTheConfigurationIsRefused(String tensor, String shape, String wanted)
      throws IOException {
    tiny.reshape(tensor, JsonFiles.MAPPER.readValue(shape, Integer[].class));
    tiny.writeTo(checkpoint);

    assertRefused(
        "Cannot use tensor %s of %s, its shape is %s, but config.json requires %s."
            .formatted(tensor, checkpoint.resolve("model.safetensors"), shape, wanted));
  }

  @Test
  void weightsThatAreNoFloatsAreRefused() throws IOException {
    tiny.tensors.put("classifier.bias", new Tensor("I64", List.of(1), new byte[8]));
    tiny.writeTo(checkpoint);

    assertRefused(
        "Cannot read tensor classifier.bias of %s, its type is I64. Weights may be [F64, F32, F16, BF16]."
            .formatted(checkpoint.resolve("model.safetensors")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"new", "bert"})
  void aModelWithCodeOfItsOwnThatDoesNotFitSaysSoInOneSentence(String type) throws IOException {
    tiny.config.put("model_type", type);
    ObjectNode map = tiny.config.putObject("auto_map");
    map.put("AutoConfig", "configuration.NewConfig");
    map.put("AutoModelForSequenceClassification", "modeling.NewForSequenceClassification");
    tiny.tensors.remove("bert.encoder.layer.1.output.dense.bias");
    tiny.writeTo(checkpoint);

    assertRefused(
        "Cannot compile model_type %s, the checkpoint contains its own code for it (auto_map: configuration.NewConfig, modeling.NewForSequenceClassification), which is never run here; it must be a model that a class of transformers computes, with model_type %s."
            .formatted(
                type,
                String.join(", ", Architectures.ALL.stream().map(Architecture::name).toList())));
  }

  /** As transformers, which prefers its own class unless remote code is trusted. */
  @Test
  void aModelWithCodeOfItsOwnThatFitsIsCompiled() throws IOException {
    tiny.config.putObject("auto_map").put("AutoModel", "modeling.Model");
    tiny.writeTo(checkpoint);

    assertThat(BundleBuilder.fromCheckpoint(checkpoint).build(bundle).manifest().architecture())
        .isEqualTo("bert");
  }

  @Test
  void aTokenizerWithCodeOfItsOwnSaysSo() throws IOException {
    tiny.tokenizerConfig.put("tokenizer_class", "NewTokenizer");
    tiny.tokenizerConfig.putObject("auto_map").put("AutoTokenizer", "tokenization.NewTokenizer");
    tiny.writeTo(checkpoint);

    assertRefused(
        "Cannot use the tokenizer of %s, its tokenizer_class NewTokenizer is code in the checkpoint (auto_map), which is never run here. If its tokenizer.json is complete, set tokenizer_class in tokenizer_config.json to PreTrainedTokenizerFast."
            .formatted(checkpoint));
  }

  @Test
  void anUnknownArchitectureIsRefusedWithTheKnownOnes() throws IOException {
    tiny.config.put("model_type", "t5");
    tiny.writeTo(checkpoint);

    assertRefused(
        "Cannot compile model_type t5. Known architectures: %s."
            .formatted(
                String.join(", ", Architectures.ALL.stream().map(Architecture::name).toList())));
  }

  @ParameterizedTest
  @CsvSource({
    "bert, num_hidden_layers, 16777216, It must be a whole number from 1 to 1024.",
    "distilbert, n_layers, 16777216, It must be a whole number from 1 to 1024.",
    "deberta-v3, max_position_embeddings, 16777216, It must be a whole number from 1 to 1048576.",
    "modernbert, num_hidden_layers, 1025, It must be a whole number from 1 to 1024."
  })
  void aNumberThatNoModelHasIsRefused(String name, String key, int value, String wanted)
      throws IOException {
    ParityCheckpoint.named(name).copyTo(checkpoint);
    setConfig(key, value);

    assertRefused(
        "Invalid %s in %s: %d. %s"
            .formatted(key, checkpoint.resolve("config.json"), value, wanted));
  }

  @Test
  void nothingIsMadeForSizesThatTheWeightsDoNotHave() throws IOException {
    ParityCheckpoint.named("modernbert").copyTo(checkpoint);
    TestSafetensors.write(
        checkpoint.resolve("model.safetensors"),
        Map.of("other", Tensor.of(TensorType.F32, List.of(1), 0)));
    setConfig("hidden_size", 1 << 24);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> BundleBuilder.fromCheckpoint(checkpoint).build(bundle))
        .withMessageStartingWith(
            "Cannot compile %s, it lacks ", checkpoint.resolve("model.safetensors"));

    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(64L << 20);
  }

  @Test
  void aMessageQuotesNoMoreOfAFileThanALogCanTake() throws IOException {
    tiny.config.put("model_type", "x".repeat(1 << 20));
    tiny.writeTo(checkpoint);

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> BundleBuilder.fromCheckpoint(checkpoint).build(bundle))
        .withMessageStartingWith("Cannot compile model_type xxx")
        .withMessageMatching("(?s).{4000}… \\(\\d+ characters more\\)");
  }

  @Test
  void halfACharacterInALabelIsRefused() throws IOException {
    tiny.writeTo(checkpoint);
    Path config = checkpoint.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("LABEL_0", "\\ud800"));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> BundleBuilder.fromCheckpoint(checkpoint).build(bundle))
        .withMessageStartingWith("Invalid id2label in %s: ", config)
        .withMessageEndingWith(" The name for 0 contains a lone surrogate.");
  }

  @Test
  void halfACharacterInATokenIsRefused() throws IOException {
    tiny.writeTo(checkpoint);
    Files.writeString(checkpoint.resolve("added_tokens.json"), "{\"\\udfff\": 67}");

    assertRefused(
        "Cannot use the tokenizer of %s, one of its pieces or tokens contains a lone surrogate, which UTF-8 cannot encode."
            .formatted(checkpoint));
  }

  private void setConfig(String key, int value) throws IOException {
    Path file = checkpoint.resolve("config.json");
    ObjectNode config = (ObjectNode) JsonFiles.readObject(file);
    Files.writeString(file, config.put(key, value).toString());
  }

  @Test
  void aModelWithoutAClassificationHeadIsRefused() throws IOException {
    tiny.config.putArray("architectures").add("BertModel");
    tiny.writeTo(checkpoint);

    assertRefused(
        "Cannot compile BertModel, it is not a pair classifier. A cross-encoder is a BertForSequenceClassification.");
  }

  @Test
  void aCheckpointWithoutATrainedHeadIsRefusedWithWhatIsMissing() throws IOException {
    tiny.config.putArray("architectures").add("BertForMaskedLM");
    tiny.tensors.keySet().removeIf(name -> name.contains("pooler") || name.contains("classifier"));
    tiny.writeTo(checkpoint);

    assertRefused(
        "Cannot compile %s, it lacks 4 of the tensors of a BertForSequenceClassification: bert.pooler.dense.weight, bert.pooler.dense.bias, classifier.weight, classifier.bias. A cross-encoder needs a checkpoint saved with its trained classification head."
            .formatted(checkpoint.resolve("model.safetensors")));
  }

  @ParameterizedTest
  @CsvSource({"position_embedding_type, relative_key, absolute", "is_decoder, true, false"})
  void whatTheProgramDoesNotComputeIsRefused(String key, String value, String supported)
      throws IOException {
    tiny.config.put(key, value);
    tiny.writeTo(checkpoint);

    assertInvalid(key, "\"" + value + "\"", "Only " + supported + " is supported for bert.");
  }

  @ParameterizedTest
  @CsvSource({
    "hidden_size, 0, 16777216",
    "num_hidden_layers, -2, 1024",
    "vocab_size, 4294967296, 16777216",
    "intermediate_size, 64.5, 16777216",
    "max_position_embeddings, \"64\", 1048576",
    "type_vocab_size, null, 16777216"
  })
  void aDimensionThatIsNoneIsRefused(String key, String value, int largest) throws IOException {
    tiny.config.set(key, JsonFiles.MAPPER.readTree(value));
    tiny.writeTo(checkpoint);

    assertInvalid(key, value, "It must be a whole number from 1 to " + largest + ".");
  }

  @Test
  void anActivationFunctionThatTheProgramsDoNotKnowIsRefused() throws IOException {
    tiny.config.put("hidden_act", "mish");
    tiny.writeTo(checkpoint);

    assertInvalid(
        "hidden_act",
        "\"mish\"",
        "It must be one of gelu, gelu_new, gelu_python, gelu_pytorch_tanh, relu, silu, swish, tanh.");
  }

  @Test
  void aMissingKeyIsNamed() throws IOException {
    tiny.config.remove("model_type");
    tiny.writeTo(checkpoint);

    assertInvalid("model_type", "missing", "It must be a string.");
  }

  @Test
  void anotherNumberOfLabelsThanTheModelHasIsRefused() throws IOException {
    tiny.writeTo(checkpoint);

    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(
            () ->
                BundleBuilder.fromCheckpoint(checkpoint).labels(List.of("no", "yes")).build(bundle))
        .withMessage(
            "Invalid labels: no, yes. The checkpoint %s has 1, so give as many, in the order of LABEL_0.",
            checkpoint);
    assertThat(bundle).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "no|no, They must differ: each one is the key of a score.",
    "no|' ', None may be empty or contain a lone surrogate.",
    "no|\uD800, None may be empty or contain a lone surrogate."
  })
  void labelsThatCannotNameScoresAreRefused(String labels, String wanted) {
    List<String> names = List.of(labels.replace("'", "").split("\\|"));

    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> BundleBuilder.fromCheckpoint(checkpoint).labels(names))
        .withMessage("Invalid labels: %s. %s", names, wanted);
  }

  @Test
  void headsThatDoNotDivideTheModelAreRefused() throws IOException {
    tiny.config.put("num_attention_heads", 5);
    tiny.writeTo(checkpoint);

    assertRefused("Invalid num_attention_heads in config.json: 5. It must divide hidden_size, 32.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2147483647", "0", "-1", "\"3\"", "2.5"})
  void aNumberOfLabelsThatIsNoneIsRefused(String labels) throws IOException {
    tiny.config.remove("id2label");
    tiny.config.set("num_labels", JsonFiles.MAPPER.readTree(labels));
    tiny.writeTo(checkpoint);

    assertInvalid("num_labels", labels, "It must be a whole number from 1 to 65536.");
  }

  @ParameterizedTest
  @CsvSource({
    "{}, 'It must map 0, 1, … to names.'",
    "[\"yes\"], 'It must map 0, 1, … to names.'",
    "'{\"1\":\"yes\"}', It has no name for 0.",
    "{\"0\":null}, It has no name for 0.",
    "'{\"0\":\"yes\",\"1\":\"yes\"}', Its names must differ: each one is the key of a score. Give each label its own name."
  })
  void labelsWithoutNamesOfTheirOwnAreRefused(String labels, String wanted) throws IOException {
    tiny.config.set("id2label", JsonFiles.MAPPER.readTree(labels));
    tiny.writeTo(checkpoint);

    assertInvalid("id2label", labels, wanted);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "default_prompt_name | \"query\" | It must be one of the prompts: .",
        "default_prompt_name | 7 | It must be a string.",
        "prompts | [] | It must map names to texts.",
        "prompts | {\"query\":7} | It must map names to texts without lone surrogates."
      })
  void whatSentenceTransformersWouldDoAndWeDoNotIsRefused(String key, String value, String wanted)
      throws IOException {
    tiny.writeTo(checkpoint);
    Path file = checkpoint.resolve("config_sentence_transformers.json");
    Files.writeString(checkpoint.resolve("modules.json"), ENCODER_ALONE);
    Files.writeString(file, "{\"model_type\":\"CrossEncoder\",\"%s\":%s}".formatted(key, value));

    assertRefused("Invalid %s in %s: %s. %s".formatted(key, file, value, wanted));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max_seq_length | 0 | It must be a whole number from 1 to 16777216.",
        "max_seq_length | \"24\" | It must be a whole number from 1 to 16777216.",
        "do_lower_case | true | It is not supported: it changes how texts are read.",
        "processing_kwargs | {\"text\":{\"max_length\":8}} | It is not supported: it changes how texts are read."
      })
  void howSentenceTransformersWouldReadTextsAndWeDoNotIsRefused(
      String key, String value, String wanted) throws IOException {
    tiny.writeTo(checkpoint);
    Path file = checkpoint.resolve("sentence_bert_config.json");
    Files.writeString(checkpoint.resolve("modules.json"), ENCODER_ALONE);
    Files.writeString(
        checkpoint.resolve("config_sentence_transformers.json"),
        "{\"model_type\":\"CrossEncoder\"}");
    Files.writeString(file, "{\"%s\":%s}".formatted(key, value));

    assertRefused("Invalid %s in %s: %s. %s".formatted(key, file, value, wanted));
  }

  @Test
  void aVocabularyLargerThanTheEmbeddingsIsRefused() throws IOException {
    while (tiny.vocabulary.size() <= TinyCheckpoint.VOCABULARY) {
      tiny.vocabulary.add("piece" + tiny.vocabulary.size());
    }
    tiny.writeTo(checkpoint);

    assertRefused(
        "Cannot use the tokenizer of %s, it has the token id 128, but config.json says vocab_size 128."
            .formatted(checkpoint));
  }

  @Test
  void aTemplateWithMoreSegmentsThanTheEmbeddingsIsRefused() throws IOException {
    tiny.writeTo(checkpoint);
    ObjectNode tokenizer =
        (ObjectNode)
            CheckpointTokenizer.read(
                    checkpoint, JsonFiles.readObject(checkpoint.resolve("config.json")))
                .json(2);
    ((ObjectNode) tokenizer.path("post_processor").path("pair").path(0).path("SpecialToken"))
        .put("type_id", 2);
    Files.writeString(checkpoint.resolve("tokenizer.json"), tokenizer.toString());

    assertRefused(
        "Cannot use the tokenizer of %s, its template has the type_id 2, but config.json says type_vocab_size 2."
            .formatted(checkpoint));
  }

  @Test
  void aSpecialTokenThatTheVocabularyLacksIsNamed() throws IOException {
    tiny.vocabulary.set(3, "[END]");
    tiny.writeTo(checkpoint);

    assertRefused(
        "Cannot find the special token [SEP] among the 67 pieces of %s."
            .formatted(checkpoint.resolve("vocab.txt")));
  }

  @Test
  void aTokenizerWithoutAPairTemplateIsRefused() throws IOException {
    tiny.writeTo(checkpoint);
    ObjectNode tokenizer =
        (ObjectNode)
            CheckpointTokenizer.read(
                    checkpoint, JsonFiles.readObject(checkpoint.resolve("config.json")))
                .json(2);
    tokenizer.putNull("post_processor");
    Files.writeString(checkpoint.resolve("tokenizer.json"), tokenizer.toString());

    assertRefused(
        "Cannot use a tokenizer.json with the post_processor null. It must be TemplateProcessing, BertProcessing or RobertaProcessing.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "0", "-1", "0.5"})
  void aTokenizerThatLeavesNoRoomForTextIsRefused(String declared) throws IOException {
    tiny.tokenizerConfig.set("model_max_length", JsonFiles.MAPPER.readTree(declared));
    tiny.writeTo(checkpoint);

    assertRefused(
        "Cannot use the checkpoint %s, its model_max_length %s and its 64 positions leave no room for text beside 3 special tokens."
            .formatted(checkpoint, declared));
  }

  @Test
  void aModelThatLeavesNoRoomForTextIsRefused() throws IOException {
    tiny.config.put("max_position_embeddings", 3);
    tiny.reshape("bert.embeddings.position_embeddings.weight", 3, 32);
    tiny.writeTo(checkpoint);

    assertRefused(
        "Cannot use the checkpoint %s, its model_max_length (none) and its 3 positions leave no room for text beside 3 special tokens."
            .formatted(checkpoint));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 3, 65})
  void aLengthThatTheModelCannotReadIsRefused(int length) throws IOException {
    tiny.writeTo(checkpoint);

    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> BundleBuilder.fromCheckpoint(checkpoint).maxLength(length).build(bundle))
        .withMessage(
            "Invalid max length: %d. The checkpoint %s reads from 4 to 64 tokens.",
            length, checkpoint);
    assertNothingLeftBehind();
  }

  @Test
  void aBundleIsNeverOverwritten() throws IOException {
    tiny.writeTo(checkpoint);
    Files.createDirectories(bundle);

    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(() -> BundleBuilder.fromCheckpoint(checkpoint).build(bundle))
        .withMessage("%s: a bundle is never overwritten, remove it first", bundle);
    assertThat(bundle).isEmptyDirectory();
  }

  private void assertInvalid(String key, String value, String wanted) {
    assertRefused(
        "Invalid %s in %s: %s. %s"
            .formatted(key, checkpoint.resolve("config.json"), value, wanted));
  }

  private void assertRefused(String message) {
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> BundleBuilder.fromCheckpoint(checkpoint).build(bundle))
        .withMessage(message);
    assertNothingLeftBehind();
  }

  private void assertNothingLeftBehind() {
    assertThat(bundle.getParent()).isEmptyDirectory();
  }
}
