package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is evaluated: data with gold, for which a model or a file has results. */
interface EvaluationTask {
  /** The name of the task, as in the report. */
  String name();

  /**
   * Returns what the data have without a model: the figures of a run before it is reranked, or of
   * results that were recorded with the pairs.
   */
  Optional<Outcomes> recorded();

  /** The number of queries or pairs that have figures. */
  int size();

  /**
   * Returns the task for a model, before anything is scored.
   *
   * @param model its name, for messages
   * @param labels of the model
   * @throws InvalidDataException if it cannot be evaluated on these data
   * @throws IllegalArgumentException if an option of the user does not fit the model
   */
  EvaluationTask forModel(String model, List<String> labels);

  /** The pairs that a model scores. */
  List<TextPair> pairs();

  /**
   * Returns what the scores of a model mean.
   *
   * @param labels of the model
   * @param scores of {@link #pairs}, in their order
   */
  Outcomes outcomes(List<String> labels, List<Score> scores);

  /** The names of all figures that the task may have. */
  List<String> possibleFigures();

  /** How much data there is, by what is counted. */
  Map<String, Integer> counts();

  /** What the reader of the figures must know about the data, as sentences. */
  List<String> notes();
}
