package dev.crossencoder.benchmark.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/**
 * Writes checkpoints in Hugging Face layout with the configuration and vocabulary of a real model
 * and random weights. Speed does not depend on their values.
 */
public final class RandomCheckpoint {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int CHUNK = 1 << 14;

  private final Path data;

  /**
   * Creates a writer.
   *
   * @param data the folder with {@code configs/family.json} and {@code vocab}
   */
  public RandomCheckpoint(Path data) {
    this.data = data;
  }

  /** Returns the number of logits of a model. */
  public int labels(ModelSize size) throws IOException {
    return facts(size).path("num_labels").asInt(1);
  }

  /**
   * Writes a checkpoint, and replaces existing files.
   *
   * @param scales the factors for the weights of each logit
   */
  public void write(ModelSize size, double[] scales, Path folder) throws IOException {
    Files.createDirectories(folder);
    JsonNode facts = facts(size);
    ObjectNode config = facts.deepCopy();
    config.remove(List.of("activation", "num_labels"));
    String type = facts.path("model_type").textValue();
    if (!config.has("id2label")) {
      ObjectNode labels = config.putObject("id2label");
      for (int i = 0; i < scales.length; i++) {
        labels.put(String.valueOf(i), "LABEL_" + i);
      }
    }
    config.putArray("architectures").add(headClass(type));
    // No activation, so that logits can be compared.
    config
        .putObject("sentence_transformers")
        .put("activation_fn", "torch.nn.modules.linear.Identity");
    Files.writeString(folder.resolve("config.json"), MAPPER.writeValueAsString(config));
    writeTokenizer(type, folder);
    writeTensors(
        TensorShapes.of(facts, scales.length), scales, folder.resolve("model.safetensors"));
  }

  private JsonNode facts(ModelSize size) throws IOException {
    Path file = data.resolve("configs/family.json");
    JsonNode facts = MAPPER.readTree(file.toFile()).path("models").path(size.configuration());
    if (facts.isMissingNode()) {
      throw new IOException("Cannot find %s in %s".formatted(size.configuration(), file));
    }
    return facts;
  }

  private static String headClass(String type) {
    return switch (type) {
      case "bert" -> "BertForSequenceClassification";
      case "roberta" -> "RobertaForSequenceClassification";
      case "electra" -> "ElectraForSequenceClassification";
      default -> "DebertaV2ForSequenceClassification";
    };
  }

  private void writeTokenizer(String type, Path folder) throws IOException {
    ObjectNode tokenizer = MAPPER.createObjectNode().put("model_max_length", 512);
    switch (type) {
      case "roberta" -> {
        copy("roberta-base/vocab.json", folder);
        copy("roberta-base/merges.txt", folder);
        tokenizer.put("tokenizer_class", "RobertaTokenizer");
      }
      case "deberta-v2" -> {
        copy("deberta-v3/spm.model", folder);
        tokenizer.put("tokenizer_class", "DebertaV2Tokenizer").put("do_lower_case", false);
      }
      default -> {
        copy("bert-base-uncased/vocab.txt", folder);
        tokenizer
            .put("tokenizer_class", type.equals("electra") ? "ElectraTokenizer" : "BertTokenizer")
            .put("do_lower_case", true);
      }
    }
    Files.writeString(
        folder.resolve("tokenizer_config.json"), MAPPER.writeValueAsString(tokenizer));
  }

  private void copy(String file, Path folder) throws IOException {
    Path source = data.resolve("vocab").resolve(file);
    // Copies only the content, because the files of the data folder may be read-only.
    try (OutputStream out = Files.newOutputStream(folder.resolve(source.getFileName()))) {
      Files.copy(source, out);
    }
  }

  private static void writeTensors(Map<String, List<Integer>> shapes, double[] scales, Path file)
      throws IOException {
    ObjectNode header = MAPPER.createObjectNode();
    // transformers rejects files without this metadata.
    header.putObject("__metadata__").put("format", "pt");
    long offset = 0;
    for (Map.Entry<String, List<Integer>> tensor : shapes.entrySet()) {
      long bytes =
          Float.BYTES
              * tensor.getValue().stream()
                  .mapToLong(Integer::longValue)
                  .reduce(1, Math::multiplyExact);
      ObjectNode entry = header.putObject(tensor.getKey()).put("dtype", "F32");
      tensor.getValue().forEach(entry.putArray("shape")::add);
      entry.putArray("data_offsets").add(offset).add(offset + bytes);
      offset += bytes;
    }
    byte[] json = padded(MAPPER.writeValueAsString(header));
    Path temporary = file.resolveSibling(file.getFileName() + ".part");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary), 1 << 20)) {
      out.write(
          ByteBuffer.allocate(Long.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(json.length)
              .array());
      out.write(json);
      for (Map.Entry<String, List<Integer>> tensor : shapes.entrySet()) {
        float[] values = RandomWeights.draw(tensor.getKey(), tensor.getValue());
        if (tensor.getKey().matches("classifier(\\.out_proj)?\\.weight")) {
          RandomWeights.scaleRows(values, scales);
        }
        write(values, out);
      }
    }
    Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The data starts at a multiple of 8. */
  private static byte[] padded(String json) {
    int length = json.getBytes(StandardCharsets.UTF_8).length;
    return (json + " ".repeat((8 - length % 8) % 8)).getBytes(StandardCharsets.UTF_8);
  }

  private static void write(float[] values, OutputStream out) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.length; i++) {
      buffer.putFloat(values[i]);
      if (!buffer.hasRemaining() || i == values.length - 1) {
        out.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
    }
  }
}
