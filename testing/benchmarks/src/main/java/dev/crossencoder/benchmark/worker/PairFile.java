package dev.crossencoder.benchmark.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.model.TextPair;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The file format in which the processes of the benchmark exchange pairs: one JSON object per line.
 */
public final class PairFile {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String TEXT = "text";
  private static final String TEXT_PAIR = "textPair";

  private PairFile() {}

  /** Writes pairs, replacing the file. */
  public static void write(Path file, List<TextPair> pairs) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (BufferedWriter lines = Files.newBufferedWriter(file)) {
      for (TextPair pair : pairs) {
        lines.write(
            MAPPER.writeValueAsString(Map.of(TEXT, pair.text(), TEXT_PAIR, pair.textPair())));
        lines.write('\n');
      }
    }
  }

  /** Reads all pairs, in order. */
  public static List<TextPair> read(Path file) throws IOException {
    List<TextPair> pairs = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode pair = MAPPER.readTree(line);
      pairs.add(new TextPair(pair.path(TEXT).textValue(), pair.path(TEXT_PAIR).textValue()));
    }
    return pairs;
  }

  /** Repeats pairs from the first one until there are {@code count}. */
  static List<TextPair> cycle(List<TextPair> pairs, int count) {
    List<TextPair> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(pairs.get(i % pairs.size()));
    }
    return all;
  }
}
