package dev.crossencoder.faults.rig;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.faults.records.Traffic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A BERT cross-encoder with two layers, 64 dimensions and random weights, in Hugging Face layout.
 * It is fast and gives different texts different scores.
 */
final class TinyModel {
  private static final int LAYERS = 2;
  private static final int HIDDEN = 64;
  private static final int INTERMEDIATE = 128;
  private static final int POSITIONS = 512;

  /** With the usual 0.02, attention is almost uniform and all scores are almost equal. */
  private static final double DEVIATION = 0.2;

  private final Random random;
  private final Map<String, float[]> tensors = new LinkedHashMap<>();
  private final Map<String, int[]> shapes = new LinkedHashMap<>();

  private TinyModel(long seed) {
    random = new Random(seed);
  }

  /** Writes the checkpoint into a new folder. The same seed gives the same weights. */
  static void write(Path folder, long seed) throws IOException {
    List<String> vocabulary = vocabulary();
    Files.createDirectories(folder);
    Files.write(folder.resolve("vocab.txt"), vocabulary);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"do_lower_case\": true}");
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"architectures": ["BertForSequenceClassification"], "model_type": "bert", "hidden_size": %d,
         "num_hidden_layers": %d, "num_attention_heads": 4, "intermediate_size": %d, "hidden_act": "gelu",
         "layer_norm_eps": 1e-12, "max_position_embeddings": %d, "type_vocab_size": 2, "vocab_size": %d,
         "id2label": {"0": "LABEL_0"}}
        """
            .formatted(HIDDEN, LAYERS, INTERMEDIATE, POSITIONS, vocabulary.size()));
    new TinyModel(seed).writeWeights(folder.resolve("model.safetensors"), vocabulary.size());
  }

  private static List<String> vocabulary() {
    List<String> vocabulary =
        new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
    vocabulary.addAll(Traffic.WORDS);
    for (char c = '0'; c <= '9'; c++) {
      vocabulary.add(String.valueOf(c));
      vocabulary.add("##" + c);
    }
    for (char c = 'a'; c <= 'z'; c++) {
      vocabulary.add(String.valueOf(c));
      vocabulary.add("##" + c);
    }
    return vocabulary;
  }

  private void writeWeights(Path file, int words) throws IOException {
    weight("bert.embeddings.word_embeddings.weight", 0, words, HIDDEN);
    weight("bert.embeddings.position_embeddings.weight", 0, POSITIONS, HIDDEN);
    weight("bert.embeddings.token_type_embeddings.weight", 0, 2, HIDDEN);
    norm("bert.embeddings.LayerNorm");
    for (int i = 0; i < LAYERS; i++) {
      String layer = "bert.encoder.layer." + i + ".";
      for (String part : List.of("query", "key", "value")) {
        linear(layer + "attention.self." + part, HIDDEN, HIDDEN);
      }
      linear(layer + "attention.output.dense", HIDDEN, HIDDEN);
      norm(layer + "attention.output.LayerNorm");
      linear(layer + "intermediate.dense", INTERMEDIATE, HIDDEN);
      linear(layer + "output.dense", HIDDEN, INTERMEDIATE);
      norm(layer + "output.LayerNorm");
    }
    linear("bert.pooler.dense", HIDDEN, HIDDEN);
    linear("classifier", 1, HIDDEN);

    ObjectNode header = new JsonMapper().createObjectNode();
    int end = 0;
    for (Map.Entry<String, float[]> tensor : tensors.entrySet()) {
      ObjectNode entry = header.putObject(tensor.getKey());
      entry.put("dtype", "F32");
      for (int dimension : shapes.get(tensor.getKey())) {
        entry.withArrayProperty("shape").add(dimension);
      }
      int start = end;
      end += tensor.getValue().length * Float.BYTES;
      entry.putArray("data_offsets").add(start).add(end);
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + json.length + end).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    for (float[] values : tensors.values()) {
      for (float value : values) {
        bytes.putFloat(value);
      }
    }
    Files.write(file, bytes.array());
  }

  private void linear(String name, int outputs, int inputs) {
    weight(name + ".weight", 0, outputs, inputs);
    weight(name + ".bias", 0, outputs);
  }

  private void norm(String name) {
    weight(name + ".weight", 1, HIDDEN);
    weight(name + ".bias", 0, HIDDEN);
  }

  private void weight(String name, float mean, int... shape) {
    int size = 1;
    for (int dimension : shape) {
      size *= dimension;
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (mean + DEVIATION * random.nextGaussian());
    }
    tensors.put(name, values);
    shapes.put(name, shape);
  }
}
