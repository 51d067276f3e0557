package dev.crossencoder.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;

/**
 * What turns logits into scores: each class of {@code torch.nn} that needs no arguments, keeps the
 * number of logits and computes the same each time, with PyTorch's default parameters. Computed in
 * double precision, returned as float.
 *
 * <p>Source: {@code torch/nn/modules/activation.py} of PyTorch.
 */
public enum Activation {
  /** The logits themselves. */
  IDENTITY("Identity", x -> x),

  /** {@code 1 / (1 + exp(-logit))} of each logit. */
  SIGMOID("Sigmoid", Formulas::sigmoid),

  /** {@code exp(logit) / sum(exp(logits))}: the labels' scores add up to one. */
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

  /** The logit where it is positive, else 0. */
  RELU("ReLU", x -> Math.max(0, x)),

  /** {@link #RELU} up to 6. */
  RELU6("ReLU6", x -> Formulas.clamp(x, 0, 6)),

  /** The logit where it is positive, else a hundredth of it. */
  LEAKY_RELU("LeakyReLU", x -> x > 0 ? x : 0.01 * x),

  /** The logit where it is positive, else a quarter of it: PReLU before any training. */
  PRELU("PReLU", x -> x > 0 ? x : 0.25 * x),

  /** The logit where it is positive, else {@code exp(logit) - 1}. */
  ELU("ELU", Formulas::elu),

  /** As {@link #ELU} with PyTorch's default parameters. */
  CELU("CELU", Formulas::elu),

  /** {@link #ELU}, scaled. */
  SELU("SELU", x -> 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x))),

  /** The logit times the normal distribution's function of it. */
  GELU("GELU", x -> 0.5 * x * (1 + Formulas.erf(x / Math.sqrt(2)))),

  /** The logit times its {@link #SIGMOID}. */
  SILU("SiLU", x -> x * Formulas.sigmoid(x)),

  /** The logit times the hyperbolic tangent of its {@link #SOFTPLUS}. */
  MISH("Mish", x -> x * Math.tanh(Formulas.softplus(x))),

  /** {@code log(1 + exp(logit))}; the logit itself above 20. */
  SOFTPLUS("Softplus", Formulas::softplus),

  /** {@code logit / (1 + |logit|)}. */
  SOFTSIGN("Softsign", x -> x / (1 + Math.abs(x))),

  /** The logit, half nearer to 0, which it does not cross. */
  SOFTSHRINK("Softshrink", x -> x - Formulas.clamp(x, -0.5, 0.5)),

  /** The logit, and 0 from -0.5 to 0.5. */
  HARDSHRINK("Hardshrink", x -> x >= -0.5 && x <= 0.5 ? 0 : x),

  /** The logit minus its {@link #TANH}. */
  TANHSHRINK("Tanhshrink", x -> x - Math.tanh(x)),

  /** The logit, at least -1 and at most 1. */
  HARDTANH("Hardtanh", x -> Formulas.clamp(x, -1, 1)),

  /** A straight line from 0 at -3 to 1 at 3. */
  HARDSIGMOID("Hardsigmoid", x -> Formulas.clamp(x + 3, 0, 6) / 6),

  /** The logit times its {@link #HARDSIGMOID}. */
  HARDSWISH("Hardswish", x -> x * Formulas.clamp(x + 3, 0, 6) / 6),

  /** The logarithm of {@link #SIGMOID}. */
  LOG_SIGMOID("LogSigmoid", x -> Math.min(0, x) - Math.log1p(Math.exp(-Math.abs(x))));

  private final String torchClass;

  /** Null where scores depend on all logits. */
  @SuppressWarnings("ImmutableEnumChecker") // Functions of numbers, without state.
  private final DoubleUnaryOperator formula;

  /** One whose scores depend on all logits of a pair. */
  Activation(String torchClass) {
    this(torchClass, null);
  }

  /** One that computes each score of its logit alone. */
  Activation(String torchClass, DoubleUnaryOperator formula) {
    this.torchClass = torchClass;
    this.formula = formula;
  }

  /** Returns the scores of one pair's logits; both have one number a label. */
  public float[] apply(float[] logits) {
    float[] scores = new float[logits.length];
    for (int i = 0; i < logits.length; i++) {
      scores[i] = (float) formula.applyAsDouble(logits[i]);
    }
    return scores;
  }

  /**
   * Whether each score depends on the logits of all labels, and is the same for all pairs if there
   * is one label.
   */
  public boolean comparesLabels() {
    return formula == null;
  }

  /** The name in options and in {@code bundle.json}: lower-case words with hyphens between them. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The keys of all, with commas between them. */
  public static String keys() {
    return Arrays.stream(values()).map(Activation::key).collect(Collectors.joining(", "));
  }

  /** Finds the activation of a class by its name within {@code torch.nn}. */
  public static Optional<Activation> ofTorchClass(String simpleName) {
    return Arrays.stream(values())
        .filter(activation -> activation.torchClass.equals(simpleName))
        .findFirst();
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
                    "Invalid activation: %s. It must be one of %s.".formatted(key, keys())));
  }

  /** What several activations have in common. */
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
