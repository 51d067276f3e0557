package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The pairs of TREC DL 2019: 43 queries, each with its first 100 passages by BM25, in that order.
 */
final class Dl19Pairs {
  static final String FOLDER_PROPERTY = "crossencoder.data";
  static final Path FILE = Path.of("retrieval", "trec-dl", "bm25_top100_dl19.json");

  private static final JsonMapper MAPPER = new JsonMapper();

  private Dl19Pairs() {}

  /**
   * Reads all 4300 pairs in the order of the file.
   *
   * @throws IllegalStateException if the data folder does not exist
   */
  static List<TextPair> read() throws IOException {
    String folder = System.getProperty(FOLDER_PROPERTY, "");
    if (folder.isBlank()) {
      throw new IllegalStateException(
          "Cannot measure, there is no data. Set -D%s to the folder that has %s."
              .formatted(FOLDER_PROPERTY, FILE));
    }
    Path file = Path.of(folder).resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new IllegalStateException(
          "Cannot measure, there is no file %s. Set -D%s to the folder that has %s."
              .formatted(file, FOLDER_PROPERTY, FILE));
    }
    List<TextPair> pairs = new ArrayList<>();
    for (JsonNode topic : MAPPER.readTree(file.toFile())) {
      String query = topic.path("query").textValue();
      for (JsonNode hit : topic.path("hits")) {
        pairs.add(new TextPair(query, hit.path("content").textValue()));
      }
    }
    return pairs;
  }

  /** Chooses items at equal distances, in their order. */
  static <T> List<T> evenlySpaced(List<T> all, int count) {
    if (count <= 0 || count > all.size()) {
      throw new IllegalArgumentException(
          "Invalid count: %d. It must be from 1 to %d.".formatted(count, all.size()));
    }
    List<T> chosen = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      chosen.add(all.get((int) ((i + 0.5) * all.size() / count)));
    }
    return chosen;
  }
}
