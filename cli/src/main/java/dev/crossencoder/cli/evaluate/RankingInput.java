package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.data.BeirFolder;
import dev.crossencoder.evaluation.data.RankLlmFile;
import dev.crossencoder.evaluation.data.RankingData;
import dev.crossencoder.evaluation.data.RankingSamples;
import dev.crossencoder.evaluation.data.TrecFiles;
import dev.crossencoder.evaluation.ranking.MissingQueries;
import dev.crossencoder.evaluation.ranking.Qrels;
import dev.crossencoder.evaluation.ranking.RankingEvaluation;
import dev.crossencoder.evaluation.ranking.RankingFigure;
import dev.crossencoder.evaluation.ranking.RankingOptions;
import dev.crossencoder.evaluation.ranking.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options for a test collection. */
final class RankingInput {
  private static final String AS_ZERO = "zero";
  private static final String LEFT_OUT = "left-out";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--run",
      paramLabel = "FILE",
      description =
          "The documents that a search found: 'query Q0 document rank score name' on each line (TREC), 'query document rank' (MS MARCO), or .json or .jsonl with the texts (rank_llm); a text of --topics, --corpus or --beir has precedence.")
  private Path run;

  @Option(
      names = "--qrels",
      paramLabel = "FILE",
      description = "The judgements: 'query 0 document grade' on each line (TREC).")
  private Path qrels;

  @Option(
      names = "--topics",
      paramLabel = "FILE",
      description =
          "The queries: an id, a tab and a text on each line, JSON Lines, or topics of TREC with tags.")
  private Path topics;

  @Option(
      names = "--number-topics",
      description =
          "Number the queries of --topics from 1 by their place instead of their ids, as the judgements of Cranfield do.")
  private boolean numberTopics;

  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      description =
          "The documents: JSON Lines with id and text, an id, a tab and a text on each line, or documents of TREC with tags.")
  private Path corpus;

  @Option(
      names = "--beir",
      paramLabel = "FOLDER",
      description =
          "A folder with corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv (BEIR), instead of --topics, --corpus and --qrels.")
  private Path beir;

  @Option(
      names = "--split",
      paramLabel = "SPLIT",
      defaultValue = "test",
      description = "The split of --beir. By default test.")
  private String split;

  @Option(
      names = "--samples",
      paramLabel = "FILE",
      description =
          "Queries with their documents in one file: JSON Lines with query, positive, and negative or documents (sentence-transformers).")
  private Path samples;

  @Option(
      names = "--figures",
      paramLabel = "LIST",
      split = ",",
      defaultValue = "ndcg@10,mrr@10,map,recall@10",
      description =
          "The figures of a ranking: ndcg, ndcg-exp (gain 2^grade - 1), mrr, map, recall or precision, with @ and a number of documents. By default ndcg@10,mrr@10,map,recall@10.")
  private List<String> figures;

  @Option(
      names = "--relevance-level",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "The lowest grade that is relevant for all figures but ndcg. By default 1; TREC Deep Learning takes 2.")
  private int relevanceLevel;

  @Option(
      names = "--missing-queries",
      paramLabel = "M",
      defaultValue = AS_ZERO,
      description =
          "What judged queries that the run lacks count: zero (default, as trec_eval -c) or left-out (as trec_eval without -c).")
  private String missingQueries;

  /** Whether a test collection is given. */
  boolean given() {
    return run != null || samples != null || beir != null || qrels != null;
  }

  /**
   * Reads the collection.
   *
   * @param rerank whether a model will rerank it
   */
  RankingTask task(boolean rerank) throws IOException {
    RankingOptions options;
    List<RankingFigure> parsed;
    try {
      options = options();
      parsed = figures.stream().map(RankingFigure::parse).distinct().toList();
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    check(rerank);
    RankingData data = read(rerank);
    return RankingTask.of(data, new RankingEvaluation(data.qrels(), parsed, options), rerank);
  }

  private RankingOptions options() {
    MissingQueries missing =
        switch (missingQueries) {
          case AS_ZERO -> MissingQueries.COUNT_AS_ZERO;
          case LEFT_OUT -> MissingQueries.LEFT_OUT;
          default ->
              throw new IllegalArgumentException(
                  "Invalid --missing-queries: %s. It must be zero or left-out."
                      .formatted(missingQueries));
        };
    return RankingOptions.DEFAULT.withRelevanceLevel(relevanceLevel).withMissingQueries(missing);
  }

  private void check(boolean rerank) {
    if (samples != null) {
      if (run != null || qrels != null || beir != null || topics != null || corpus != null) {
        throw invalid("--samples: it contains all that is needed. Leave the other files out.");
      }
      return;
    }
    if (run == null) {
      throw invalid("--run: missing. Evaluation needs the documents that a search found.");
    }
    if (beir == null && qrels == null) {
      throw invalid("--qrels: missing. Evaluation needs judgements.");
    }
    if (beir != null && (qrels != null || topics != null || corpus != null)) {
      throw invalid("--beir: it contains topics, corpus and qrels. Give the folder or the files.");
    }
    if (rerank && beir == null && !RankLlmFile.isOne(run) && (topics == null || corpus == null)) {
      throw invalid(
          "%s: missing. A model needs the texts of queries and documents."
              .formatted(topics == null ? "--topics" : "--corpus"));
    }
  }

  private RankingData read(boolean rerank) throws IOException {
    if (samples != null) {
      return RankingSamples.read(samples);
    }
    if (beir != null) {
      return rerank ? BeirFolder.read(beir, split, run) : BeirFolder.readRun(beir, split, run);
    }
    Qrels judgements = TrecFiles.qrels(qrels);
    if (RankLlmFile.isOne(run)) {
      return withTexts(RankLlmFile.read(run, judgements), rerank);
    }
    Run found = TrecFiles.run(run);
    return new RankingData(
        rerank ? topics(found) : Map.of(),
        rerank ? TrecFiles.corpus(corpus, found.documents()) : Map.of(),
        found,
        judgements,
        true);
  }

  /** Returns results with the texts of topics and corpus, as far as they are given. */
  private RankingData withTexts(RankingData results, boolean rerank) throws IOException {
    if (!rerank || (topics == null && corpus == null)) {
      return results;
    }
    return results.withTextsOf(
        topics == null ? Map.of() : topics(results.run()),
        corpus == null ? Map.of() : TrecFiles.corpus(corpus, results.run().documents()));
  }

  private Map<String, String> topics(Run found) throws IOException {
    Map<String, String> read = TrecFiles.topics(topics);
    if (!numberTopics) {
      return read;
    }
    Map<String, String> numbered = TrecFiles.numbered(read);
    List<String> others =
        found.rankings().keySet().stream().filter(query -> !numbered.containsKey(query)).toList();
    if (!others.isEmpty()) {
      throw new InvalidDataException(
          "Cannot rerank, %,d of %,d queries of the run are not numbers from 1 to %,d, which --number-topics gives to topics; the first is %s. Change the ids of the run."
              .formatted(others.size(), found.rankings().size(), numbered.size(), others.get(0)));
    }
    return numbered;
  }

  private CommandLine.ParameterException invalid(String what) {
    return new CommandLine.ParameterException(spec.commandLine(), "Invalid " + what);
  }
}
