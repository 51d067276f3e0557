package dev.crossencoder.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.cli.command.ExitCodes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class EvaluateCommandTest extends EvaluationFixture {
  @Test
  void aFigureBelowItsLimitHasAnExitCodeOfItsOwn() {
    assertThat(rerank("--fail-below=mrr@10=0.99")).isZero();
    assertThat(rerank("--fail-below=mrr@10=0.5", "--fail-below=recall@10=1.5"))
        .isEqualTo(ExitCodes.BELOW_LIMIT)
        .isEqualTo(3);
    assertThat(cli.err()).isEqualToIgnoringNewLines("recall@10 is 1.0000, below 1.5.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          demo-qa                           | Invalid data: missing. Give --run with --qrels, --beir, --samples or --pairs.
          demo-qa --run=r                   | Invalid --qrels: missing.
          demo-qa --qrels=q                 | Invalid --run: missing.
          demo-qa --run=r --qrels=q         | Invalid --topics: missing. A model needs the texts of queries and documents.
          demo-qa --run=r --qrels=q --topics=t | Invalid --corpus: missing.
          demo-qa --run=r --beir=b --qrels=q | Invalid --beir: it contains topics, corpus and qrels.
          demo-qa --samples=s --run=r       | Invalid --samples: it contains all that is needed.
          demo-qa --pairs=p --run=r         | Invalid --pairs: there is a test collection, too.
          --pairs=p                         | Invalid MODEL: missing.
          demo-qa --pairs=p --result=/x     | Invalid --result: it is evaluated without a model.
          --run=r --qrels=q --compare=x     | Invalid --compare: it needs a model to compare with.
          --run=r --qrels=q --missing-queries=x | Invalid --missing-queries: x. It must be zero or left-out.
          --run=r --qrels=q --precision=int8 | Invalid --precision: it needs a model.
          demo-qa --pairs=p --figures=map   | Invalid --figures: it needs a test collection: --run, --beir or --samples.
          --run=r --qrels=q --corpus=c | Invalid --corpus: it needs a model: a run is evaluated without texts.
          --run=r --qrels=q --number-topics | Invalid --number-topics: it needs --topics.
          demo-qa --pairs=p --topics=t      | Invalid --topics: it needs a test collection
          --pairs=p --result=/x --text=/a   | Invalid --text: texts are not read with --result.
          demo-qa --pairs=p --text=a        | Invalid place of a text: a.
          """)
  void otherArgumentsAreRefused(String arguments, String message) {
    assertThat(evaluate(arguments.split(" ", -1))).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(cli.err()).startsWith(message);
  }

  /** Before any file is read: those of rerank are there, those of the others are not. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --figures=bleu                           | Invalid figure: bleu.
          --relevance-level=0                      | Invalid relevance level: 0.
          --fail-below=ndcg@10                     | Invalid --fail-below: ndcg@10. It must be a figure and a number
          --fail-below=accuracy=0.5                | Invalid --fail-below: accuracy. The figures are ndcg@10, mrr@10, map, recall@10.
          --resamples=10 --compare=demo-qa         | Invalid number of resamples: 10.
          --compare=precision=fp4                  | Invalid --compare: precision=fp4. Invalid precision: fp4.
          --compare=speed=high                     | Invalid --compare: speed=high.
          --device=gpu                             | Invalid --device: gpu.
          --truncation=x                           | Invalid
          --markdown=/nowhere/at/all.md            | Invalid --markdown: /nowhere/at/all.md. Its folder does not exist.
          --split=dev                              | Invalid --split: it needs --beir.
          --gold=/x                                | Invalid --gold: it needs --pairs.
          --label-map=1=2                          | Invalid --label-map: it needs --pairs.
          --task=binary                            | Invalid --task: it needs --pairs.
          --evidence=sentence                      | Invalid --evidence: figures have no evidence.
          --seed=7                                 | Invalid --seed: it needs --compare.
          """)
  void otherValuesAndOptionsWithoutAnEffectAreRefused(String arguments, String message) {
    assertThat(rerank(arguments.split(" ", -1))).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(cli.err()).startsWith(message);
  }
}
