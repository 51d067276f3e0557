package dev.crossencoder.model.classification;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Classifies texts with the logits of an NLI model: each candidate label becomes a hypothesis, and
 * the logits say how well the text entails it. The results are those of the zero-shot
 * classification pipeline of transformers. Immutable.
 */
public final class ZeroShotClassifier {
  private final ClassifyOptions options;
  private final NliLabels nli;

  private ZeroShotClassifier(ClassifyOptions options, NliLabels nli) {
    this.options = options;
    this.nli = nli;
  }

  /**
   * Returns a classifier for a model.
   *
   * @param model the name of the model, for messages
   * @param modelLabels the labels of the model, in the order of its logits
   * @throws IllegalArgumentException if the model has one label, or its label for entailment cannot
   *     be found
   */
  public static ZeroShotClassifier of(
      String model, List<String> modelLabels, ClassifyOptions options) {
    requireNonNull(options, "options is null");
    return new ZeroShotClassifier(
        options, NliLabels.find(model, modelLabels, options.entailmentLabel()));
  }

  /**
   * Returns a pair for each label: the text and the template with the label.
   *
   * @throws IllegalArgumentException if the labels have a {@link CandidateLabels#problem}
   */
  public static List<TextPair> pairs(String text, List<String> labels, ClassifyOptions options) {
    requireNonNull(text, "text is null");
    CandidateLabels.check(labels);
    return labels.stream().map(label -> new TextPair(text, options.hypothesis(label))).toList();
  }

  /**
   * Returns the labels with their scores. With {@link ClassifyOptions#multiLabel}, or with one
   * label, a score is the softmax of entailment and contradiction at entailment; otherwise it is
   * the softmax of the labels' entailment.
   *
   * @param scores the scores of {@link #pairs}, in their order
   */
  public Classification classify(List<String> labels, List<Score> scores) {
    if (labels.size() != scores.size()) {
      throw new IllegalArgumentException(
          "Cannot classify, there are %d labels and %d scores. Each label needs a score."
              .formatted(labels.size(), scores.size()));
    }
    float[] probabilities =
        options.multiLabel() || labels.size() == 1 ? independent(scores) : exclusive(scores);
    List<Integer> best =
        IntStream.range(0, probabilities.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer index) -> probabilities[index]).reversed())
            .toList();
    return new Classification(
        best.stream().map(labels::get).toList(),
        best.stream().map(index -> probabilities[index]).toList(),
        scores.stream().anyMatch(Score::truncated));
  }

  /** The softmax of two logits is the sigmoid of their difference. */
  private float[] independent(List<Score> scores) {
    float[] probabilities = new float[scores.size()];
    for (int i = 0; i < probabilities.length; i++) {
      List<Float> logits = scores.get(i).logits();
      double difference =
          (double) logits.get(nli.entailment()) - (double) logits.get(nli.contradiction());
      probabilities[i] = (float) (1 / (1 + Math.exp(-difference)));
    }
    return probabilities;
  }

  private float[] exclusive(List<Score> scores) {
    double[] entailment =
        scores.stream().mapToDouble(score -> score.logits().get(nli.entailment())).toArray();
    double max = Double.NEGATIVE_INFINITY;
    for (double logit : entailment) {
      max = Math.max(max, logit);
    }
    double sum = 0;
    for (double logit : entailment) {
      sum += Math.exp(logit - max);
    }
    float[] probabilities = new float[entailment.length];
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] = (float) (Math.exp(entailment[i] - max) / sum);
    }
    return probabilities;
  }
}
