package dev.crossencoder.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.tokenizer.CheckpointTokenizer;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.tokenizer.PairEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files of a tokenizer: with one that is accepted, texts become ids. The native library takes
 * part: what would end its process must have been refused before.
 */
public final class TokenizerFuzz {
  private static final Scratch SCRATCH = Scratch.create();
  private static final CheckpointInput CHECKPOINTS = new CheckpointInput();
  private static final int MAX_LENGTH = 32;
  private static final List<TextPair> PAIRS =
      List.of(
          new TextPair("who wrote it?", "Ada wrote it in 1843, ab."),
          new TextPair(
              "\u00C4 \u4E2D\uD83D\uDE00 \uFB01 \u0301", "<s>[SEP] [MASK]\u0000 ".repeat(20)));

  static {
    try {
      addAll();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write tiny checkpoints", e);
    }
  }

  private TokenizerFuzz() {}

  private static void addAll() throws IOException {
    for (String folder : List.of("bert", "roberta", "deberta", "modernbert")) {
      CHECKPOINTS.add(
          folder, TinyFiles.checkpoint(folder), List.of("tokenizer.json", "tokenizer_config.json"));
    }
    addOlder(
        "bert",
        "vocab.txt",
        "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##a\n##b\nwho\nit\n?\n.\n",
        Map.of());
    addOlder(
        "roberta",
        "vocab.json",
        "{\"<s>\":0,\"<pad>\":1,\"</s>\":2,\"<unk>\":3,\"a\":4,\"b\":5,\"ab\":6,\"<mask>\":7}",
        Map.of("merges.txt", "#version: 0.2\na b\n"));
    String model = new String(TinyFiles.sentencePiece(), StandardCharsets.ISO_8859_1);
    addOlder("deberta-v2", "spm.model", model, Map.of());
    addOlder("xlm-roberta", "sentencepiece.bpe.model", model, Map.of());
  }

  private static void addOlder(String type, String name, String content, Map<String, String> more)
      throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("config.json", TinyFiles.utf8("{\"model_type\":\"%s\"}".formatted(type)));
    files.put(
        "special_tokens_map.json", TinyFiles.utf8("{\"additional_special_tokens\":[\"[X]\"]}"));
    files.put("added_tokens.json", TinyFiles.utf8("{\"[X]\": 13}"));
    files.put(name, content.getBytes(StandardCharsets.ISO_8859_1));
    more.forEach((file, text) -> files.put(file, TinyFiles.utf8(text)));
    CHECKPOINTS.add("older-" + type, files, List.copyOf(files.keySet()));
  }

  /** The files of tiny checkpoints. */
  public static List<byte[]> seeds() {
    return CHECKPOINTS.seeds();
  }

  /** Tries a file. */
  public static boolean accepts(byte[] input) throws IOException {
    return CHECKPOINTS.use(
        input,
        checkpoint ->
            Bounds.check(input.length, InvalidModelException.class, () -> encode(checkpoint)));
  }

  private static void encode(Path checkpoint) throws IOException {
    CheckpointConfig config = CheckpointConfig.read(checkpoint.resolve("config.json"));
    JsonNode tokenizer = CheckpointTokenizer.read(checkpoint, config.root()).json(2);
    byte[] json = JsonFiles.MAPPER.writeValueAsBytes(tokenizer);
    encodePairs(SCRATCH.write("tokenizer.json", json));
  }

  static void encodePairs(Path tokenizer) {
    try (PairEncoder encoder = PairEncoder.load(tokenizer, MAX_LENGTH)) {
      for (TextPair pair : PAIRS) {
        EncodedPair encoded = encoder.encode(pair);
        Bounds.require(
            encoded.inputIds().length <= MAX_LENGTH, "A pair is no longer than the model reads");
      }
    }
  }
}
