package dev.crossencoder.benchmark.quality;

import dev.crossencoder.evaluation.data.LabelledPair;
import dev.crossencoder.evaluation.data.PairColumns;
import dev.crossencoder.evaluation.data.PairFiles;
import dev.crossencoder.evaluation.data.RankingData;
import dev.crossencoder.evaluation.ranking.Qrels;
import dev.crossencoder.evaluation.ranking.RankedDocument;
import dev.crossencoder.evaluation.ranking.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The held-out data that are measured, in the folder {@code crossencoder.data}. */
public enum HeldOutSet {
  NLI(
      "pairs of SNLI and MultiNLI",
      "`heldout/minilm-nli.jsonl`, premises and hypotheses in three classes") {
    @Override
    public HeldOut read(Path data, int queries) throws IOException {
      return new HeldOutPairs(labelled(data.resolve("heldout/minilm-nli.jsonl"), queries), false);
    }
  },
  QA(
      "pairs of QNLI",
      "`heldout/minilm-qa.jsonl`, questions with sentences that answer them or do not") {
    @Override
    public HeldOut read(Path data, int queries) throws IOException {
      return new HeldOutPairs(labelled(data.resolve("heldout/minilm-qa.jsonl"), queries), true);
    }
  },
  DL19(
      "passages of TREC Deep Learning 2019",
      "`retrieval/trec-dl`, BM25's first 100 passages for each query") {
    @Override
    public HeldOut read(Path data, int queries) throws IOException {
      return new HeldOutRanking(evenlySpaced(RankingSets.dl19(data), queries));
    }
  },
  CRANFIELD(
      "abstracts of Cranfield",
      "`retrieval/cranfield`, the first %d abstracts for each query by BM25 (k1 %s, b %s, words in lower case)"
          .formatted(HeldOutSet.DEPTH, Bm25.K1, Bm25.B)) {
    @Override
    public HeldOut read(Path data, int queries) throws IOException {
      return new HeldOutRanking(evenlySpaced(RankingSets.cranfield(data, DEPTH), queries));
    }
  };

  private static final int DEPTH = 20;

  private final String title;
  private final String input;

  HeldOutSet(String title, String input) {
    this.title = title;
    this.input = input;
  }

  /** The name in options and of files. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What the pairs are. */
  public String title() {
    return title;
  }

  /** Where the pairs come from, within the folder. */
  public String input() {
    return input;
  }

  /** Whether documents are ranked, which takes a model with one label that ranks. */
  public boolean ranks() {
    return this == DL19 || this == CRANFIELD;
  }

  /**
   * Reads the data.
   *
   * @param data the folder
   * @param queries how many queries or pairs are taken, at equal distances; all if there are fewer
   */
  public abstract HeldOut read(Path data, int queries) throws IOException;

  /** Returns the set with a key. */
  public static HeldOutSet parse(String key) {
    return Arrays.stream(values())
        .filter(set -> set.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid benchmark.sections: %s. It must be of %s."
                        .formatted(
                            key,
                            Arrays.stream(values())
                                .map(HeldOutSet::key)
                                .collect(Collectors.joining(", ")))));
  }

  private static List<LabelledPair> labelled(Path file, int count) throws IOException {
    return evenlySpaced(PairFiles.read(file, PairColumns.USUAL), count);
  }

  /**
   * Returns the collection with some of its judged queries, at equal distances; all if there are
   * fewer.
   */
  public static RankingData evenlySpaced(RankingData all, int count) {
    List<String> judged =
        all.run().rankings().keySet().stream().filter(all.qrels().grades()::containsKey).toList();
    Map<String, List<RankedDocument>> rankings = new LinkedHashMap<>();
    Map<String, Map<String, Integer>> grades = new LinkedHashMap<>();
    for (String query : evenlySpaced(judged, count)) {
      rankings.put(query, all.run().rankings().get(query));
      grades.put(query, all.qrels().of(query));
    }
    return new RankingData(
        all.queries(), all.documents(), new Run(rankings), new Qrels(grades), true);
  }

  private static <T> List<T> evenlySpaced(List<T> all, int count) {
    int kept = Math.min(count, all.size());
    return IntStream.range(0, kept)
        .mapToObj(i -> all.get((int) ((i + 0.5) * all.size() / kept)))
        .toList();
  }
}
