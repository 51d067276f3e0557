package dev.crossencoder.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;

/**
 * The function that turns logits into scores. The constants are those classes of {@code torch.nn}
 * that need no arguments, keep the number of values and are deterministic, with PyTorch's default
 * parameters. Scores are computed in double precision and returned as float.
 *
 * <p>Source: {@code torch/nn/modules/activation.py} of PyTorch.
 */
public enum Activation implements ScoreFunction {
  /** The logits, unchanged. */
  IDENTITY("Identity", x -> x),

  /** {@code 1 / (1 + exp(-logit))} of each logit. */
  SIGMOID("Sigmoid", Formulas::sigmoid),

  /** {@code exp(logit) / sum(exp(logits))}: the scores of all labels add up to 1. */
  SOFTMAX("Softmax") {
    @Override
    public float[] apply(float[] logits) {
      return Formulas.softmax(logits, 1);
    }
  },

  /** The logarithm of {@link #SOFTMAX}. */
  LOG_SOFTMAX("LogSoftmax") {
    @Override
    public float[] apply(float[] logits) {
      return Formulas.logSoftmax(logits);
    }
  },

  /** {@link #SOFTMAX} of the negated logits. */
  SOFTMIN("Softmin") {
    @Override
    public float[] apply(float[] logits) {
      return Formulas.softmax(logits, -1);
    }
  },

  /** The hyperbolic tangent of each logit. */
  TANH("Tanh", Math::tanh),

  /** {@code max(0, logit)}. */
  RELU("ReLU", x -> Math.max(0, x)),

  /** {@code min(max(0, logit), 6)}. */
  RELU6("ReLU6", x -> Formulas.clamp(x, 0, 6)),

  /** The logit if it is positive, else {@code 0.01 * logit}. */
  LEAKY_RELU("LeakyReLU", x -> x > 0 ? x : 0.01 * x),

  /** The logit if it is positive, else {@code 0.25 * logit}: PReLU with its initial weight. */
  PRELU("PReLU", x -> x > 0 ? x : 0.25 * x),

  /** The logit if it is positive, else {@code exp(logit) - 1}. */
  ELU("ELU", Formulas::elu),

  /** The same as {@link #ELU} with PyTorch's default parameters. */
  CELU("CELU", Formulas::elu),

  /** {@code scale * (logit if it is positive, else alpha * (exp(logit) - 1))}. */
  SELU("SELU", x -> 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x))),

  /** {@code logit * Φ(logit)}, where Φ is the cumulative distribution function of N(0, 1). */
  GELU("GELU", x -> 0.5 * x * (1 + Formulas.erf(x / Math.sqrt(2)))),

  /** {@code logit * sigmoid(logit)}. */
  SILU("SiLU", x -> x * Formulas.sigmoid(x)),

  /** {@code logit * tanh(softplus(logit))}. */
  MISH("Mish", x -> x * Math.tanh(Formulas.softplus(x))),

  /** {@code log(1 + exp(logit))}; above 20 the logit itself. */
  SOFTPLUS("Softplus", Formulas::softplus),

  /** {@code logit / (1 + |logit|)}. */
  SOFTSIGN("Softsign", x -> x / (1 + Math.abs(x))),

  /** The logit moved by 0.5 towards 0, and 0 from -0.5 to 0.5. */
  SOFTSHRINK("Softshrink", x -> x - Formulas.clamp(x, -0.5, 0.5)),

  /** The logit, but 0 from -0.5 to 0.5. */
  HARDSHRINK("Hardshrink", x -> x >= -0.5 && x <= 0.5 ? 0 : x),

  /** {@code logit - tanh(logit)}. */
  TANHSHRINK("Tanhshrink", x -> x - Math.tanh(x)),

  /** {@code min(max(-1, logit), 1)}. */
  HARDTANH("Hardtanh", x -> Formulas.clamp(x, -1, 1)),

  /** {@code min(max(0, logit + 3), 6) / 6}. */
  HARDSIGMOID("Hardsigmoid", x -> Formulas.clamp(x + 3, 0, 6) / 6),

  /** {@code logit * hardsigmoid(logit)}. */
  HARDSWISH("Hardswish", x -> x * Formulas.clamp(x + 3, 0, 6) / 6),

  /** {@code log(sigmoid(logit))}. */
  LOG_SIGMOID("LogSigmoid", x -> Math.min(0, x) - Math.log1p(Math.exp(-Math.abs(x))));

  private final String torchClass;

  /** Computes a score from its own logit; null if a score depends on all logits of a pair. */
  @SuppressWarnings("ImmutableEnumChecker") // Functions of numbers, without state.
  private final DoubleUnaryOperator formula;

  /** An activation whose scores depend on all logits of a pair; it overrides {@link #apply}. */
  Activation(String torchClass) {
    this(torchClass, null);
  }

  /** An element-wise activation. */
  Activation(String torchClass, DoubleUnaryOperator formula) {
    this.torchClass = torchClass;
    this.formula = formula;
  }

  @Override
  public float[] apply(float[] logits) {
    float[] scores = new float[logits.length];
    for (int i = 0; i < logits.length; i++) {
      scores[i] = (float) formula.applyAsDouble(logits[i]);
    }
    return scores;
  }

  /**
   * Whether each score depends on the logits of all labels. With a single label such an activation
   * gives every pair the same score.
   */
  public boolean comparesLabels() {
    return formula == null;
  }

  /** The name in options and in {@code bundle.json}: lower case, words joined by hyphens. */
  @Override
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** All keys, separated by commas. */
  public static String keys() {
    return Arrays.stream(values()).map(Activation::key).collect(Collectors.joining(", "));
  }

  /** Returns the activation that a class of {@code torch.nn} computes, such as {@code Sigmoid}. */
  public static Optional<Activation> ofTorchClass(String simpleName) {
    return Arrays.stream(values())
        .filter(activation -> activation.torchClass.equals(simpleName))
        .findFirst();
  }

  /**
   * Returns the activation for a {@link #key}.
   *
   * @throws IllegalArgumentException if there is no such activation
   */
  public static Activation parse(String key) {
    return Arrays.stream(values())
        .filter(activation -> activation.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid activation: %s. It must be one of %s.".formatted(key, keys())));
  }

  /** Formulas that several activations share. */
  private static final class Formulas {
    private Formulas() {}

    static double sigmoid(double x) {
      return 1 / (1 + Math.exp(-x));
    }

    static double softplus(double x) {
      return x > 20 ? x : Math.log1p(Math.exp(x));
    }

    static double elu(double x) {
      return x > 0 ? x : Math.expm1(x);
    }

    static double clamp(double x, double min, double max) {
      return Math.max(min, Math.min(max, x));
    }

    /** The error function: 2/√π · exp(-x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1 · 3 · … · (2n + 1)). */
    static double erf(double x) {
      if (Math.abs(x) > 6) {
        return Math.signum(x);
      }
      double term = x;
      double sum = x;
      for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
        term *= 2 * x * x / (2 * n + 1);
        sum += term;
      }
      return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    static double max(float[] logits, int sign) {
      double max = Double.NEGATIVE_INFINITY;
      for (float logit : logits) {
        max = Math.max(max, sign * logit);
      }
      return max;
    }

    static float[] softmax(float[] logits, int sign) {
      double max = max(logits, sign);
      double sum = 0;
      for (float logit : logits) {
        sum += Math.exp(sign * logit - max);
      }
      float[] scores = new float[logits.length];
      for (int i = 0; i < logits.length; i++) {
        scores[i] = (float) (Math.exp(sign * logits[i] - max) / sum);
      }
      return scores;
    }

    static float[] logSoftmax(float[] logits) {
      double max = max(logits, 1);
      double sum = 0;
      for (float logit : logits) {
        sum += Math.exp(logit - max);
      }
      float[] scores = new float[logits.length];
      for (int i = 0; i < logits.length; i++) {
        scores[i] = (float) (logits[i] - max - Math.log(sum));
      }
      return scores;
    }
  }
}
