package dev.crossencoder.evaluation.data;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.ranking.Qrels;
import dev.crossencoder.evaluation.ranking.RankedDocument;
import dev.crossencoder.evaluation.ranking.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A folder of BEIR: {@code corpus.jsonl}, {@code queries.jsonl} and {@code qrels/SPLIT.tsv}.
 *
 * <p>As in BEIR's evaluation, a document whose id is that of the query is left out of its ranking:
 * in some of its collections, queries are documents of the corpus. A note counts these documents.
 *
 * @see <a href="https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset">BEIR</a>
 * @see <a
 *     href="https://github.com/beir-cellar/beir/blob/main/beir/retrieval/evaluation.py">EvaluateRetrieval.evaluate,
 *     ignore_identical_ids</a>
 */
public final class BeirFolder {
  private static final String QUERIES = "queries.jsonl";
  private static final String CORPUS = "corpus.jsonl";

  private BeirFolder() {}

  /**
   * Reads a folder with a run.
   *
   * @param split of the judgements, such as {@code test}
   * @param run a file for {@link TrecFiles#run}; or for {@link RankLlmFile}, whose texts are taken
   *     where the folder has none
   * @throws InvalidDataException as the methods of {@link TrecFiles} and {@link RankLlmFile}
   */
  public static RankingData read(Path folder, String split, Path run) throws IOException {
    RankingData judged = readRun(folder, split, run);
    Set<String> documents = judged.run().documents();
    if (!RankLlmFile.isOne(run)) {
      return new RankingData(
          TrecFiles.topics(find(folder, QUERIES)),
          TrecFiles.corpus(find(folder, CORPUS), documents),
          judged.run(),
          judged.qrels(),
          true,
          judged.notes());
    }
    Path queries = find(folder, QUERIES);
    Path corpus = find(folder, CORPUS);
    return judged.withTextsOf(
        Files.exists(queries) ? TrecFiles.topics(queries) : Map.of(),
        Files.exists(corpus) ? TrecFiles.corpus(corpus, documents) : Map.of());
  }

  /**
   * Reads the judgements of a folder with a run, without texts of the folder: enough to evaluate
   * the run itself.
   *
   * @param split of the judgements, such as {@code test}
   * @param run as for {@link #read}
   * @throws InvalidDataException as the methods of {@link TrecFiles} and {@link RankLlmFile}
   */
  public static RankingData readRun(Path folder, String split, Path run) throws IOException {
    Qrels qrels = TrecFiles.qrels(find(folder.resolve("qrels"), split + ".tsv"));
    return withoutIdenticalIds(
        RankLlmFile.isOne(run)
            ? RankLlmFile.read(run, qrels)
            : new RankingData(Map.of(), Map.of(), TrecFiles.run(run), qrels, true));
  }

  private static RankingData withoutIdenticalIds(RankingData data) {
    Map<String, List<RankedDocument>> rankings = new LinkedHashMap<>();
    data.run()
        .rankings()
        .forEach(
            (query, documents) ->
                rankings.put(
                    query,
                    documents.stream().filter(document -> !document.id().equals(query)).toList()));
    Run kept = new Run(rankings);
    int identical = data.run().size() - kept.size();
    return identical == 0
        ? data
        : data.withRun(kept)
            .withNote(
                "%,d of %,d documents have the id of their query and are left out, as in BEIR's evaluation."
                    .formatted(identical, data.run().size()));
  }

  /** Returns a file of the folder, or the same file compressed. */
  private static Path find(Path folder, String name) {
    Path plain = folder.resolve(name);
    Path compressed = folder.resolve(name + ".gz");
    return !Files.exists(plain) && Files.exists(compressed) ? compressed : plain;
  }
}
