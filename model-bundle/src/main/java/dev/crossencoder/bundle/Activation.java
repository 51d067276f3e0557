package dev.crossencoder.bundle;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What turns logits into scores. Computed in double precision, returned as float. */
public enum Activation {
  /** The logits themselves. */
  IDENTITY {
    @Override
    public float[] apply(float[] logits) {
      return logits.clone();
    }
  },

  /** {@code 1 / (1 + exp(-logit))} of each logit. */
  SIGMOID {
    @Override
    public float[] apply(float[] logits) {
      float[] scores = new float[logits.length];
      for (int i = 0; i < logits.length; i++) {
        scores[i] = (float) (1 / (1 + Math.exp(-logits[i])));
      }
      return scores;
    }
  },

  /** {@code exp(logit) / sum(exp(logits))}: the labels' scores add up to one. */
  SOFTMAX {
    @Override
    public float[] apply(float[] logits) {
      double max = Double.NEGATIVE_INFINITY;
      for (float logit : logits) {
        max = Math.max(max, logit);
      }
      double sum = 0;
      for (float logit : logits) {
        sum += Math.exp(logit - max);
      }
      float[] scores = new float[logits.length];
      for (int i = 0; i < logits.length; i++) {
        scores[i] = (float) (Math.exp(logits[i] - max) / sum);
      }
      return scores;
    }
  };

  /** Returns the scores of one pair's logits; both have one number a label. */
  public abstract float[] apply(float[] logits);

  /** The name in options and in {@code bundle.json}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the activation with a name as {@link #key} gives it.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Activation parse(String key) {
    return Arrays.stream(values())
        .filter(activation -> activation.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid activation: %s. It must be one of %s."
                        .formatted(
                            key,
                            Arrays.stream(values())
                                .map(Activation::key)
                                .collect(Collectors.joining(", ")))));
  }
}
