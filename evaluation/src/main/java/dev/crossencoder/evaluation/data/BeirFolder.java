package dev.crossencoder.evaluation.data;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.ranking.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder of BEIR: {@code corpus.jsonl}, {@code queries.jsonl} and {@code qrels/SPLIT.tsv}.
 *
 * @see <a href="https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset">BEIR</a>
 */
public final class BeirFolder {
  private BeirFolder() {}

  /**
   * Reads a folder with a run.
   *
   * @param split of the judgements, such as {@code test}
   * @param run a file for {@link TrecFiles#run}
   * @throws InvalidDataException as the methods of {@link TrecFiles}
   */
  public static RankingData read(Path folder, String split, Path run) throws IOException {
    Run ranked = TrecFiles.run(run);
    return new RankingData(
        TrecFiles.topics(find(folder, "queries.jsonl")),
        TrecFiles.corpus(find(folder, "corpus.jsonl"), ranked.documents()),
        ranked,
        TrecFiles.qrels(find(folder.resolve("qrels"), split + ".tsv")),
        true);
  }

  /** Returns a file of the folder, or the same file compressed. */
  private static Path find(Path folder, String name) {
    Path plain = folder.resolve(name);
    Path compressed = folder.resolve(name + ".gz");
    return !Files.exists(plain) && Files.exists(compressed) ? compressed : plain;
  }
}
