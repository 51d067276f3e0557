package dev.crossencoder.cli.evaluate;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.evaluation.data.LabelMap;
import dev.crossencoder.evaluation.data.LabelledPair;
import dev.crossencoder.evaluation.data.PairColumns;
import dev.crossencoder.evaluation.data.PairFiles;
import dev.crossencoder.evaluation.data.PairFormat;
import dev.crossencoder.evaluation.data.RankingData;
import dev.crossencoder.evaluation.data.RankingSamples;
import dev.crossencoder.evaluation.data.TrecFiles;
import dev.crossencoder.evaluation.ranking.RankingEvaluation;
import dev.crossencoder.evaluation.ranking.RankingFigure;
import dev.crossencoder.evaluation.ranking.RankingOptions;
import dev.crossencoder.model.catalog.CatalogEntry;
import dev.crossencoder.model.catalog.PublishedQuality;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Data sets on which the quality of models was published, with their files and their figure. */
enum Preset {
  MS_MARCO_DL19("NDCG@10", "TREC DL 2019", "ndcg@10") {
    @Override
    EvaluationTask task(Path folder) throws IOException {
      return ranking(
          find(folder, "msmarco-passagetest2019-top1000.tsv"),
          find(folder, "2019qrels-pass.txt"),
          "ndcg@10");
    }
  },
  MS_MARCO_DEV("MRR@10", "MS MARCO dev", "mrr@10") {
    @Override
    EvaluationTask task(Path folder) throws IOException {
      return ranking(find(folder, "top1000.dev"), find(folder, "qrels.dev.small.tsv"), "mrr@10");
    }
  },
  QNLI("accuracy", "QNLI dev", "accuracy") {
    @Override
    EvaluationTask task(Path folder) throws IOException {
      return pairs(
          find(folder, "QNLI/dev.tsv", "dev.tsv"),
          columns("question", "sentence", "label", true),
          Map.of("entailment", "1", "not_entailment", "0"));
    }
  },
  STSB("Spearman", "STSb test", "spearman") {
    @Override
    EvaluationTask task(Path folder) throws IOException {
      // A table with tabs in spite of its name.
      return pairs(find(folder, "sts-test.csv"), columns("6", "7", "5", false), Map.of());
    }
  },
  QUORA("average precision", "Quora duplicates dev", "average-precision") {
    @Override
    EvaluationTask task(Path folder) throws IOException {
      return pairs(
          find(folder, "classification/dev_pairs.tsv", "dev_pairs.tsv"),
          columns("question1", "question2", "is_duplicate", true),
          Map.of());
    }
  },
  MNLI_MISMATCHED("accuracy", "MNLI mismatched", "accuracy") {
    @Override
    EvaluationTask task(Path folder) throws IOException {
      return pairs(
          find(folder, "MNLI/dev_mismatched.tsv", "dev_mismatched.tsv"),
          columns("sentence1", "sentence2", "gold_label", true),
          Map.of());
    }
  };

  private final String metric;
  private final String dataset;
  private final String figure;

  Preset(String metric, String dataset, String figure) {
    this.metric = metric;
    this.dataset = dataset;
    this.figure = figure;
  }

  /** The value of the option. */
  String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The figure that was published. */
  String figure() {
    return figure;
  }

  /**
   * Reads the data.
   *
   * @throws CommandFailedException if a file is missing
   */
  abstract EvaluationTask task(Path folder) throws IOException;

  /** Returns the published figure of a model, from 0 to 1. */
  OptionalDouble published(CatalogEntry model) {
    return model.quality().stream()
        .filter(quality -> quality.metric().equals(metric) && quality.dataset().equals(dataset))
        .mapToDouble(PublishedQuality::value)
        .map(value -> value / 100)
        .findFirst();
  }

  /**
   * Returns the preset with a key.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Preset parse(String key) {
    return Arrays.stream(values())
        .filter(preset -> preset.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid --preset: %s. It must be one of %s."
                        .formatted(
                            key,
                            Arrays.stream(values())
                                .map(Preset::key)
                                .collect(Collectors.joining(", ")))));
  }

  /** Returns the first file that the folder has, perhaps compressed. */
  Path find(Path folder, String... names) {
    return Arrays.stream(names)
        .flatMap(name -> Stream.of(name, name + ".gz"))
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(
            () ->
                new CommandFailedException(
                    "Cannot evaluate %s, the folder %s has no file %s. docs/evaluate.md says where it comes from."
                        .formatted(key(), folder, String.join(" or ", names))));
  }

  private static EvaluationTask ranking(Path candidates, Path qrels, String figure)
      throws IOException {
    RankingData data = RankingSamples.readCandidates(candidates, TrecFiles.qrels(qrels));
    return RankingTask.of(
        data,
        new RankingEvaluation(
            data.qrels(), List.of(RankingFigure.parse(figure)), RankingOptions.DEFAULT),
        true);
  }

  private static PairColumns columns(String text, String textPair, String label, boolean header) {
    return new PairColumns(
        Optional.of(text), Optional.of(textPair), Optional.of(label), Optional.empty(), header);
  }

  private static EvaluationTask pairs(Path file, PairColumns columns, Map<String, String> labels)
      throws IOException {
    List<LabelledPair> pairs = PairFiles.read(file, PairFormat.TSV, columns);
    List<LabelledPair> mapped = new LabelMap(labels).apply(pairs);
    return PairTask.of(mapped, pairs.size() - mapped.size(), null);
  }
}
