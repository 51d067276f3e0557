package dev.crossencoder.benchmark;

import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** The sets of pairs that are scored. */
enum Workload {
  /** TREC DL 2019. */
  DL19("the 4300 pairs of TREC DL 2019: 43 queries with the 100 passages that BM25 ranks first") {
    @Override
    List<TextPair> read(Path data) throws IOException {
      return Dl19Pairs.read();
    }
  },

  /** SNLI. */
  SNLI("SNLI's test set, premise and hypothesis: short pairs") {
    @Override
    List<TextPair> read(Path data) throws IOException {
      List<TextPair> pairs = new ArrayList<>();
      for (String line : Files.readAllLines(data.resolve("nli/snli/test.tsv"))) {
        String[] columns = line.split("\t", -1);
        pairs.add(new TextPair(columns[0], columns[1]));
      }
      // The first line names the columns.
      return pairs.subList(1, pairs.size());
    }
  },

  /** Long pairs. */
  LONG(
      "synthetic: 1000 pairs of 256 to 512 tokens, words drawn evenly from BERT's vocabulary, 8 to 16 of them in the first text") {
    @Override
    List<TextPair> read(Path data) throws IOException {
      List<String> words =
          Files.readAllLines(data.resolve("vocab/bert-base-uncased/vocab.txt")).stream()
              .filter(word -> word.matches("[a-z]{3,}"))
              .toList();
      Random random = new Random(SEED);
      List<TextPair> pairs = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        int query = random.nextInt(8, 17);
        int tokens = random.nextInt(256, 513);
        pairs.add(
            new TextPair(
                words(words, query, random), words(words, tokens - SPECIAL - query, random)));
      }
      return pairs;
    }
  },

  /** All of the others. */
  MIXED(
      "a stream of 2000 pairs in random order: 1000 of TREC DL 2019, 700 of SNLI, 300 of the long ones") {
    @Override
    List<TextPair> read(Path data) throws IOException {
      List<TextPair> pairs = new ArrayList<>();
      pairs.addAll(Dl19Pairs.evenlySpaced(DL19.read(data), 1000));
      pairs.addAll(Dl19Pairs.evenlySpaced(SNLI.read(data), 700));
      pairs.addAll(Dl19Pairs.evenlySpaced(LONG.read(data), 300));
      Collections.shuffle(pairs, new Random(SEED));
      return pairs;
    }
  };

  /** The number of consecutive pairs that are sampled together. */
  static final int STRETCH = 32;

  private static final long SEED = 4;

  /** The number of special tokens of a pair with BERT. */
  private static final int SPECIAL = 3;

  private final String description;

  Workload(String description) {
    this.description = description;
  }

  /** Returns all pairs, in their order. */
  abstract List<TextPair> read(Path data) throws IOException;

  /** A description of the source. */
  String description() {
    return description;
  }

  /** The name in files. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  static List<String> keys() {
    return Arrays.stream(values()).map(Workload::key).toList();
  }

  static Workload parse(String key) {
    return Arrays.stream(values())
        .filter(workload -> workload.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid workload: %s. It must be one of %s."
                        .formatted(key, String.join(", ", keys()))));
  }

  private static String words(List<String> words, int count, Random random) {
    List<String> drawn = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      drawn.add(words.get(random.nextInt(words.size())));
    }
    return String.join(" ", drawn);
  }

  /**
   * Chooses groups of 32 consecutive pairs at equal distances, so that batches in arrival order are
   * like those of the whole set.
   *
   * @param pairs the approximate number of pairs to choose; all if there are fewer
   */
  static List<TextPair> sample(List<TextPair> all, int pairs) {
    int stretches = all.size() / STRETCH;
    int count = Math.max(1, Math.min(stretches, Math.round((float) pairs / STRETCH)));
    if (pairs >= all.size()) {
      return all;
    }
    List<Integer> starts = new ArrayList<>();
    for (int i = 0; i < stretches; i++) {
      starts.add(i * STRETCH);
    }
    List<TextPair> sample = new ArrayList<>();
    for (int start : Dl19Pairs.evenlySpaced(starts, count)) {
      sample.addAll(all.subList(start, start + STRETCH));
    }
    return sample;
  }
}
