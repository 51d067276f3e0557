package dev.crossencoder.benchmark.quality;

import dev.crossencoder.evaluation.data.RankLlmFile;
import dev.crossencoder.evaluation.data.RankingData;
import dev.crossencoder.evaluation.data.TrecFiles;
import dev.crossencoder.evaluation.ranking.RankedDocument;
import dev.crossencoder.evaluation.ranking.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Queries with the documents that BM25 found, in the folder {@code crossencoder.data}. */
public final class RankingSets {
  private static final int CRANFIELD_DOCUMENTS = 1_400;

  private RankingSets() {}

  /** Reads TREC Deep Learning 2019, with 100 passages for each query. */
  public static RankingData dl19(Path data) throws IOException {
    Path folder = data.resolve("retrieval/trec-dl");
    return RankLlmFile.read(
        folder.resolve("bm25_top100_dl19.json"),
        TrecFiles.qrels(folder.resolve("qrels.dl19-passage.txt")));
  }

  /**
   * Reads Cranfield and searches it.
   *
   * @param depth the largest number of abstracts for each query
   */
  public static RankingData cranfield(Path data, int depth) throws IOException {
    Path folder = data.resolve("retrieval/cranfield");
    Map<String, String> topics =
        TrecFiles.numbered(TrecFiles.topics(folder.resolve("cran.qry.xml")));
    Map<String, String> documents =
        TrecFiles.corpus(folder.resolve("cran.all.1400.xml"), cranfieldIds());
    Bm25 search = new Bm25(documents);
    Map<String, List<RankedDocument>> rankings = new LinkedHashMap<>();
    topics.forEach((query, text) -> rankings.put(query, search.search(text, depth)));
    return new RankingData(
        topics,
        documents,
        new Run(rankings),
        TrecFiles.qrels(folder.resolve("cranqrel.trec.txt")),
        true);
  }

  private static Set<String> cranfieldIds() {
    return IntStream.rangeClosed(1, CRANFIELD_DOCUMENTS)
        .mapToObj(String::valueOf)
        .collect(Collectors.toUnmodifiableSet());
  }
}
