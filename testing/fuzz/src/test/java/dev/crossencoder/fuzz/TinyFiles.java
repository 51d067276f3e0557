package dev.crossencoder.fuzz;

import dev.crossencoder.model.io.ProtobufWriter;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Files of tiny checkpoints: those that the parity tests have, and older forms of tokenizers. */
final class TinyFiles {
  private static final List<String> CHECKPOINT =
      List.of("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors");

  private TinyFiles() {}

  /** Returns a file of a checkpoint of the parity tests, by folder and name. */
  static byte[] read(String name) throws IOException {
    try (InputStream in =
        TinyFiles.class.getResourceAsStream("/dev/crossencoder/model/testing/parity/" + name)) {
      if (in == null) {
        throw new FileNotFoundException(name);
      }
      return in.readAllBytes();
    }
  }

  /**
   * Returns the files of a checkpoint of the parity tests, and more of its files by their names.
   */
  static Map<String, byte[]> checkpoint(String folder, String... more) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name : CHECKPOINT) {
      files.put(name, read(folder + "/" + name));
    }
    for (String name : more) {
      files.put(name, read(folder + "/" + name));
    }
    return files;
  }

  /** Returns the files of the checkpoint whose weights are in two files and an index. */
  static Map<String, byte[]> sharded() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name :
        List.of(
            "config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "model.safetensors.index.json",
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors")) {
      files.put(name, read("bert-old-names/" + name));
    }
    return files;
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A Unigram model with the pieces that DeBERTa and XLM-RoBERTa need, and a character map. */
  static byte[] sentencePiece() {
    ProtobufWriter model = new ProtobufWriter();
    int id = 0;
    for (String piece :
        List.of(
            "<unk>", "<s>", "</s>", "[PAD]", "[CLS]", "[SEP]", "\u2581", "a", "b", "\u2581ab")) {
      int type = id == 0 ? 2 : id < 6 ? 3 : 1;
      model.message(1, new ProtobufWriter().string(1, piece).float32(2, -id).varint(3, type));
      id++;
    }
    model.message(2, new ProtobufWriter().varint(3, 1).varint(40, 0));
    model.message(3, new ProtobufWriter().string(1, "nmt_nfkc").bytes(2, characterMap()));
    return model.toBytes();
  }

  /** A trie of 256 units from which no character leads anywhere. */
  private static byte[] characterMap() {
    byte[] map = new byte[4 + 4 * 256 + 2];
    map[1] = 4;
    map[map.length - 2] = 'x';
    return map;
  }
}
