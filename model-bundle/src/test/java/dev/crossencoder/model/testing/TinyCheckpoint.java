package dev.crossencoder.model.testing;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.compiler.tensor.TensorType;
import dev.crossencoder.model.testing.TestSafetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A BERT cross-encoder of two layers and 32 dimensions in Hugging Face layout. Its weights are
 * random with a standard deviation of 0.2, so that attention is peaked and a wrong program shows,
 * and are multiples of 1/64, so that every weight type holds them exactly. A test changes what it
 * wants to break before it writes the files.
 */
public final class TinyCheckpoint {
  public static final int VOCABULARY = 128;
  public static final int POSITIONS = 64;

  static final int HIDDEN = 32;
  private static final int INTERMEDIATE = 64;
  private static final int LAYERS = 2;

  public final ObjectNode config = JsonNodeFactory.instance.objectNode();
  public final ObjectNode tokenizerConfig = JsonNodeFactory.instance.objectNode();
  public final List<String> vocabulary = new ArrayList<>();
  public final Map<String, Tensor> tensors = new LinkedHashMap<>();

  private final Random random = new Random(7);
  private final TensorType type;
  private final int labels;

  private TinyCheckpoint(TensorType type, int labels) {
    this.type = type;
    this.labels = labels;
    fillConfig();
    fillVocabulary();
    fillTensors();
  }

  /** One label, float32. */
  public static TinyCheckpoint create() {
    return new TinyCheckpoint(TensorType.F32, 1);
  }

  /** One label; the same values whatever the type. */
  public static TinyCheckpoint ofType(TensorType type) {
    return new TinyCheckpoint(type, 1);
  }

  /** The labels {@code first}, {@code second}, …; float32. */
  public static TinyCheckpoint withLabels(String... names) {
    TinyCheckpoint checkpoint = new TinyCheckpoint(TensorType.F32, names.length);
    ObjectNode id2label = checkpoint.config.putObject("id2label");
    for (int i = 0; i < names.length; i++) {
      id2label.put(String.valueOf(i), names[i]);
    }
    return checkpoint;
  }

  /** Writes all files into a folder, which it creates. */
  public Path writeTo(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), config.toPrettyString());
    Files.writeString(folder.resolve("tokenizer_config.json"), tokenizerConfig.toPrettyString());
    Files.write(folder.resolve("vocab.txt"), vocabulary);
    TestSafetensors.write(folder.resolve("model.safetensors"), tensors);
    return folder;
  }

  /** Replaces a tensor by zeros of another shape. */
  public void reshape(String name, Integer... shape) {
    int size = List.of(shape).stream().reduce(1, Math::multiplyExact);
    tensors.put(name, Tensor.of(type, List.of(shape), new float[size]));
  }

  private void fillConfig() {
    config.putArray("architectures").add("BertForSequenceClassification");
    config.put("model_type", "bert");
    config.put("hidden_size", HIDDEN);
    config.put("num_hidden_layers", LAYERS);
    config.put("num_attention_heads", 4);
    config.put("intermediate_size", INTERMEDIATE);
    config.put("hidden_act", "gelu");
    config.put("layer_norm_eps", 1e-12);
    config.put("max_position_embeddings", POSITIONS);
    config.put("type_vocab_size", 2);
    config.put("vocab_size", VOCABULARY);
    config.putObject("id2label").put("0", "LABEL_0");
    tokenizerConfig.put("do_lower_case", true);
  }

  private void fillVocabulary() {
    vocabulary.addAll(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
    for (char letter = 'a'; letter <= 'z'; letter++) {
      vocabulary.add(String.valueOf(letter));
      vocabulary.add("##" + letter);
    }
    vocabulary.addAll(List.of("who", "wrote", "it", "?", ".", ",", "the", "book", "was", "by"));
  }

  private void fillTensors() {
    weight("bert.embeddings.word_embeddings.weight", VOCABULARY, HIDDEN);
    weight("bert.embeddings.position_embeddings.weight", POSITIONS, HIDDEN);
    weight("bert.embeddings.token_type_embeddings.weight", 2, HIDDEN);
    norm("bert.embeddings.LayerNorm");
    for (int i = 0; i < LAYERS; i++) {
      String layer = "bert.encoder.layer." + i + ".";
      linear(layer + "attention.self.query", HIDDEN, HIDDEN);
      linear(layer + "attention.self.key", HIDDEN, HIDDEN);
      linear(layer + "attention.self.value", HIDDEN, HIDDEN);
      linear(layer + "attention.output.dense", HIDDEN, HIDDEN);
      norm(layer + "attention.output.LayerNorm");
      linear(layer + "intermediate.dense", INTERMEDIATE, HIDDEN);
      linear(layer + "output.dense", HIDDEN, INTERMEDIATE);
      norm(layer + "output.LayerNorm");
    }
    linear("bert.pooler.dense", HIDDEN, HIDDEN);
    linear("classifier", labels, HIDDEN);
  }

  private void linear(String name, int outputs, int inputs) {
    weight(name + ".weight", outputs, inputs);
    weight(name + ".bias", outputs);
  }

  private void norm(String name) {
    put(name + ".weight", 1, HIDDEN);
    put(name + ".bias", 0, HIDDEN);
  }

  void weight(String name, Integer... shape) {
    put(name, 0, shape);
  }

  private void put(String name, float mean, Integer... shape) {
    float[] values = new float[List.of(shape).stream().reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.round((mean + 0.2 * random.nextGaussian()) * 64) / 64f;
    }
    tensors.put(name, Tensor.of(type, List.of(shape), values));
  }
}
