package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.model.ChunkScore;
import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;

/**
 * Compares truncated long documents with chunks of several sizes: how often the document with a
 * hidden relevant passage is ranked first, and how many documents are scored per second.
 *
 * <p>The documents are made of passages of TREC DL 2019. For each query, one document contains a
 * passage that is judged relevant, at its front, in its middle or at its end, among passages of
 * other queries. Each of the other documents contains, at a random place, a passage of the same
 * query that is judged not relevant. All documents have the same number of passages.
 *
 * <p>System properties: {@code crossencoder.data}, {@code benchmark.model} (demo-qa), {@code
 * benchmark.queries} (20), {@code benchmark.documents} (8 per query), {@code benchmark.passages}
 * (20 per document).
 */
public final class LongDocuments {
  private static final Path QRELS = Path.of("retrieval", "trec-dl", "qrels.dl19-passage.txt");
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int RELEVANT = 2;

  /** The largest numbers of tokens of a chunk, beside the most that fit. */
  private static final int[] CHUNK_TOKENS = {256, 128, 64};

  private LongDocuments() {}

  /** Where the relevant passage stands. */
  private enum Place {
    FRONT,
    MIDDLE,
    END;

    int index(int passages) {
      return switch (this) {
        case FRONT -> 0;
        case MIDDLE -> passages / 2;
        case END -> passages - 1;
      };
    }
  }

  /** A query with documents that do not answer it, and one that does for each place. */
  private record Search(String query, List<String> others, Map<Place, String> relevant) {
    List<TextPair> pairs() {
      List<TextPair> pairs = new ArrayList<>();
      for (Place place : Place.values()) {
        pairs.add(new TextPair(query, relevant.get(place)));
      }
      others.forEach(other -> pairs.add(new TextPair(query, other)));
      return pairs;
    }
  }

  /** A query with its passages, by judgment. */
  private record Topic(String query, List<String> relevant, List<String> notRelevant) {}

  /** Scores all documents in both ways and prints the table. */
  public static void main(String[] args) throws IOException {
    String model = System.getProperty("benchmark.model", "demo-qa");
    int documents = Integer.getInteger("benchmark.documents", 8);
    int passages = Integer.getInteger("benchmark.passages", 20);
    List<Search> searches =
        searches(Integer.getInteger("benchmark.queries", 20), documents, passages);
    System.out.printf(
        "%d queries, %d documents each, %d passages (%d characters) a document, %s, %d cores%n",
        searches.size(),
        documents,
        passages,
        (int)
            searches.stream()
                .flatMap(search -> search.others().stream())
                .mapToInt(String::length)
                .average()
                .orElse(0),
        model,
        Runtime.getRuntime().availableProcessors());
    measure("truncate", model, CrossEncoderOptions.DEFAULT, searches);
    measure("chunk", model, chunked(OptionalInt.empty()), searches);
    for (int tokens : CHUNK_TOKENS) {
      measure("chunk " + tokens, model, chunked(OptionalInt.of(tokens)), searches);
    }
  }

  private static CrossEncoderOptions chunked(OptionalInt tokens) {
    return CrossEncoderOptions.DEFAULT.withChunking(
        new Chunking(tokens, Chunking.DEFAULT_OVERLAP, OptionalInt.empty(), ChunkScore.MAX));
  }

  private static void measure(
      String name, String model, CrossEncoderOptions options, List<Search> searches) {
    Map<Place, Integer> first = new HashMap<>();
    Map<Place, Integer> ranks = new HashMap<>();
    int pairs = 0;
    try (CrossEncoder encoder =
        CrossEncoder.open(ModelRepository.shared().resolve(model), options)) {
      encoder.score(searches.get(0).pairs().subList(0, 1));
      long start = System.nanoTime();
      for (Search search : searches) {
        List<Score> scores = encoder.score(search.pairs());
        pairs += scores.size();
        List<Score> others = scores.subList(Place.values().length, scores.size());
        for (int i = 0; i < Place.values().length; i++) {
          Place place = Place.values()[i];
          float score = scores.get(i).score();
          int rank = 1 + (int) others.stream().filter(other -> other.score() >= score).count();
          first.merge(place, rank == 1 ? 1 : 0, Integer::sum);
          ranks.merge(place, rank, Integer::sum);
        }
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      for (Place place : Place.values()) {
        System.out.printf(
            "%-9s %-6s recall@1 %.2f, mean rank %.2f%n",
            name,
            place,
            first.get(place) / (double) searches.size(),
            ranks.get(place) / (double) searches.size());
      }
      System.out.printf("%-9s %.2f documents per second%n", name, pairs / seconds);
    }
  }

  private static List<Search> searches(int count, int documents, int passages) throws IOException {
    List<Topic> topics = topics();
    Random random = new Random(17);
    List<Search> searches = new ArrayList<>();
    for (Topic topic : topics) {
      boolean enough = !topic.relevant().isEmpty() && topic.notRelevant().size() >= documents - 1;
      if (searches.size() < count && enough) {
        List<String> filler =
            topics.stream()
                .filter(other -> !other.equals(topic))
                .flatMap(other -> other.notRelevant().stream())
                .toList();
        List<String> others = new ArrayList<>();
        for (int i = 0; i < documents - 1; i++) {
          int place = random.nextInt(passages);
          others.add(document(topic.notRelevant().get(i), place, passages, filler, random));
        }
        Map<Place, String> relevant = new HashMap<>();
        long seed = random.nextLong();
        for (Place place : Place.values()) {
          relevant.put(
              place,
              document(
                  topic.relevant().get(0),
                  place.index(passages),
                  passages,
                  filler,
                  new Random(seed)));
        }
        searches.add(new Search(topic.query(), others, relevant));
      }
    }
    return searches;
  }

  private static String document(
      String passage, int place, int passages, List<String> filler, Random random) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < passages - 1; i++) {
      parts.add(filler.get(random.nextInt(filler.size())));
    }
    parts.add(place, passage);
    return String.join("\n\n", parts);
  }

  private static List<Topic> topics() throws IOException {
    Path folder = Path.of(System.getProperty(Dl19Pairs.FOLDER_PROPERTY, ""));
    if (!Files.isRegularFile(folder.resolve(QRELS))) {
      throw new IllegalStateException(
          "Cannot measure, there is no file %s. Set -D%s to the folder that has it."
              .formatted(QRELS, Dl19Pairs.FOLDER_PROPERTY));
    }
    Map<String, Integer> grades = new HashMap<>();
    for (String line : Files.readAllLines(folder.resolve(QRELS))) {
      String[] fields = line.split("\\s+", -1);
      grades.put(fields[0] + " " + fields[2], Integer.valueOf(fields[3]));
    }
    List<Topic> topics = new ArrayList<>();
    for (JsonNode node : MAPPER.readTree(folder.resolve(Dl19Pairs.FILE).toFile())) {
      Topic topic = new Topic(node.path("query").textValue(), new ArrayList<>(), new ArrayList<>());
      for (JsonNode hit : node.path("hits")) {
        Integer grade = grades.get(hit.path("qid").asText() + " " + hit.path("docid").asText());
        if (grade != null && grade >= RELEVANT) {
          topic.relevant().add(hit.path("content").textValue());
        } else if (grade != null && grade == 0) {
          topic.notRelevant().add(hit.path("content").textValue());
        }
      }
      topics.add(topic);
    }
    return topics;
  }
}
