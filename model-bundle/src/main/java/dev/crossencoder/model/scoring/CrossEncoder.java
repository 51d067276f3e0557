package dev.crossencoder.model.scoring;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.DeviceOutOfMemoryException;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.PairTooLongException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.RankedPassage;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.bundle.ModelActivation;
import dev.crossencoder.model.engine.CpuPasses;
import dev.crossencoder.model.engine.OnnxSessions;
import dev.crossencoder.model.engine.PackedBatch;
import dev.crossencoder.model.engine.ScoringEngine;
import dev.crossencoder.model.engine.ScoringThreads;
import dev.crossencoder.model.engine.TorchScriptEngine;
import dev.crossencoder.model.engine.WarmUp;
import dev.crossencoder.model.tokenizer.PairEncoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * A loaded cross-encoder: reads two texts together and says how well they fit.
 *
 * <pre>{@code
 * try (CrossEncoder model = CrossEncoder.open(Path.of("my-bundle"))) {
 *   Score score = model.score(new TextPair("who wrote it?", "It was written by Ada."));
 *   List<RankedPassage> best = model.rank("who wrote it?", passages, 10);
 * }
 * }</pre>
 *
 * <p>Scores are those of sentence-transformers' {@code CrossEncoder} on the same weights, and do
 * not depend on which pairs are scored together.
 *
 * <p>Safe for use by several threads, each of which gets {@link CrossEncoderOptions#threads}
 * threads: those of one forward pass, or as many passes at a time where there is more than one
 * batch. So few callers with several threads, or several callers with one, use the cores best.
 * {@link #close} waits for forward passes that run.
 */
public final class CrossEncoder implements AutoCloseable {
  /** With fewer pairs than this for each thread, all threads work on one batch. */
  private static final int MIN_STRETCH_PAIRS = 4;

  /** So many that threads end at about the same time, whatever the lengths of their pairs. */
  private static final int STRETCHES_PER_THREAD = 4;

  private final Bundle bundle;
  private final CrossEncoderOptions options;
  private final Activation activation;
  private final PairEncoder encoder;
  private final ScoringEngine engine;
  private final ScoringThreads threads;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  /** Takes over an encoder, an engine and threads, which {@link #close} closes. */
  CrossEncoder(
      Bundle bundle,
      CrossEncoderOptions options,
      PairEncoder encoder,
      ScoringEngine engine,
      ScoringThreads threads) {
    this.bundle = bundle;
    this.options = options;
    this.activation = activation(bundle.manifest(), options);
    this.encoder = encoder;
    this.engine = engine;
    this.threads = threads;
  }

  /** Opens a bundle with {@link CrossEncoderOptions#DEFAULT}. */
  public static CrossEncoder open(Path bundle) {
    return open(bundle, CrossEncoderOptions.DEFAULT);
  }

  /** Opens a bundle, as {@link #open(Bundle, CrossEncoderOptions)} does. */
  public static CrossEncoder open(Path bundle, CrossEncoderOptions options) {
    return open(Bundle.read(bundle), options);
  }

  /**
   * Checks all digests of a bundle and loads it.
   *
   * @throws InvalidModelException if the bundle is damaged, not for this release, of a half
   *     precision for a CPU without {@link CrossEncoderOptions#withSlowPrecision}, or of an
   *     activation that gives no scores, unless the options have another
   * @throws IllegalArgumentException if the options ask for a larger length or another prompt than
   *     the model has
   * @throws IllegalStateException if the native libraries cannot be loaded
   */
  public static CrossEncoder open(Bundle bundle, CrossEncoderOptions options) {
    BundleManifest manifest = bundle.manifest();
    Engine kind = bundle.engine();
    int maxLength = options.maxLength().orElse(manifest.maxLength());
    if (maxLength > manifest.maxLength()) {
      throw new IllegalArgumentException(
          "Invalid max length: %d. The model %s reads at most %d tokens."
              .formatted(maxLength, manifest.name(), manifest.maxLength()));
    }
    activation(manifest, options);
    String prompt =
        manifest.prompts().choose(manifest.name(), options.prompt(), options.promptName());
    checkPrecision(manifest, options);
    bundle.verify();
    PairEncoder encoder =
        PairEncoder.load(
            bundle.folder().resolve(Bundle.TOKENIZER), maxLength, options.truncation(), prompt);
    try {
      ScoringThreads threads =
          new ScoringThreads(manifest.name(), options.device().isCpu() ? options.threads() - 1 : 0);
      ScoringEngine engine = load(kind, bundle, options, threads);
      return new CrossEncoder(bundle, options, encoder, engine, threads);
    } catch (Throwable t) {
      encoder.close();
      throw t;
    }
  }

  private static ScoringEngine load(
      Engine kind, Bundle bundle, CrossEncoderOptions options, ScoringThreads threads) {
    BundleManifest manifest = bundle.manifest();
    return switch (kind) {
      case PYTORCH -> {
        TorchScriptEngine engine = TorchScriptEngine.load(bundle.program(), options.device());
        yield engine.onCpu() ? new CpuPasses(engine, threads) : engine;
      }
      case ONNXRUNTIME ->
          OnnxSessions.load(
              bundle.program(),
              manifest.inputs(),
              // Where positions are counted from the padding id, that is the one before the first.
              Math.max(0, manifest.positionOffset() - 1),
              options.device(),
              options.threads());
    };
  }

  private static Activation activation(BundleManifest manifest, CrossEncoderOptions options) {
    return options
        .activation()
        .map(ModelActivation::of)
        .orElse(manifest.activation())
        .require(manifest.name(), manifest.numLabels());
  }

  private static void checkPrecision(BundleManifest manifest, CrossEncoderOptions options) {
    boolean half =
        Arrays.stream(Precision.values())
            .anyMatch(known -> known.half() && known.dtype().equals(manifest.dtype()));
    if (half && options.device().isCpu() && !options.slowPrecision()) {
      throw new InvalidModelException(
          "Cannot score with %s on a CPU, its weights are %s, with which a CPU is several times slower than with float32. Build the bundle with fp32, score on a GPU, or allow it: --allow-slow, in Flink cross-encoder.allow-slow: true."
              .formatted(manifest.name(), manifest.dtype()));
    }
  }

  /** The bundle that was opened. */
  public Bundle bundle() {
    return bundle;
  }

  /** What turns this model's logits into scores. */
  public Activation activation() {
    return activation;
  }

  /** Scores one pair. */
  public Score score(TextPair pair) {
    return score(List.of(pair)).get(0);
  }

  /**
   * Scores pairs in batches within the options' limits. Where there are four pairs or more for each
   * of the options' threads, a CPU runs as many batches at a time, each on one of them: one is the
   * caller's, the others end when they have been idle for some seconds.
   *
   * @return one score a pair, in the pairs' order
   * @throws PairTooLongException if the options' truncation cannot make a pair fit
   * @throws DeviceOutOfMemoryException if a batch does not fit into the device's memory
   * @throws IllegalStateException if the model is closed
   */
  public List<Score> score(List<TextPair> pairs) {
    int stretches = stretches(pairs.size());
    if (stretches <= 1) {
      return scoreStretch(pairs, options.threads());
    }
    List<Supplier<List<Score>>> tasks = new ArrayList<>(stretches);
    for (int i = 0; i < stretches; i++) {
      int start = start(i, stretches, pairs.size());
      int end = start(i + 1, stretches, pairs.size());
      tasks.add(() -> scoreStretch(pairs.subList(start, end), 1));
    }
    List<Score> scores = new ArrayList<>(pairs.size());
    threads.runAll(tasks).forEach(scores::addAll);
    return scores;
  }

  /** How many parts the pairs are scored in, of which threads that are ready take the next. */
  private int stretches(int pairs) {
    int parallelism = threads.parallelism();
    if (parallelism == 1 || pairs < MIN_STRETCH_PAIRS * parallelism) {
      return 1;
    }
    int evenly = ceilDivide(pairs, STRETCHES_PER_THREAD * parallelism);
    int stretch = Math.min(options.limits().maxPairs(), Math.max(MIN_STRETCH_PAIRS, evenly));
    return ceilDivide(pairs, stretch);
  }

  private static int ceilDivide(int dividend, int divisor) {
    return (int) (((long) dividend + divisor - 1) / divisor);
  }

  private static int start(int stretch, int stretches, int pairs) {
    return (int) ((long) stretch * pairs / stretches);
  }

  /** Scores pairs in batches, one after the other. */
  private List<Score> scoreStretch(List<TextPair> pairs, int passThreads) {
    List<Score> scores = new ArrayList<>(pairs.size());
    List<EncodedPair> batch = new ArrayList<>();
    int tokens = 0;
    for (TextPair pair : pairs) {
      EncodedPair encoded = encode(pair);
      if (!options.limits().admit(batch.size(), tokens, encoded.length())) {
        scores.addAll(scoreBatch(batch, passThreads));
        batch.clear();
        tokens = 0;
      }
      batch.add(encoded);
      tokens += encoded.length();
    }
    scores.addAll(scoreBatch(batch, passThreads));
    return scores;
  }

  /**
   * Orders passages by their relevance to a query, best first; equals keep their order.
   *
   * @param topK how many to return at most
   * @throws IllegalArgumentException if the model has more than one label
   */
  public List<RankedPassage> rank(String query, List<String> passages, int topK) {
    requireNonNull(query, "query is null");
    if (topK <= 0) {
      throw new IllegalArgumentException("Invalid topK: %d. It must be positive.".formatted(topK));
    }
    if (bundle.manifest().numLabels() != 1) {
      throw new IllegalArgumentException(
          "Cannot rank with %s, it has %d labels. Ranking takes a model with one label."
              .formatted(bundle.manifest().name(), bundle.manifest().numLabels()));
    }
    List<Score> scores =
        score(passages.stream().map(passage -> new TextPair(query, passage)).toList());
    List<RankedPassage> ranked = new ArrayList<>();
    for (int i = 0; i < passages.size(); i++) {
      ranked.add(new RankedPassage(i, scores.get(i), passages.get(i)));
    }
    ranked.sort(
        Comparator.comparingDouble((RankedPassage passage) -> relevance(passage.score()))
            .reversed());
    return List.copyOf(ranked.subList(0, Math.min(topK, ranked.size())));
  }

  /** What is no number is no reason to come first. */
  private static double relevance(Score score) {
    return Float.isNaN(score.score()) ? Double.NEGATIVE_INFINITY : score.score();
  }

  /**
   * Tokenizes a pair: the part of scoring that needs no device.
   *
   * @throws PairTooLongException if the options' truncation cannot make the pair fit
   */
  public EncodedPair encode(TextPair pair) {
    requireNonNull(pair, "pair is null");
    return whileOpen(() -> encoder.encode(pair));
  }

  /** As {@link #scoreBatch(List, int)}, with the options' number of threads. */
  public List<Score> scoreBatch(List<EncodedPair> batch) {
    return scoreBatch(batch, options.threads());
  }

  /**
   * Scores pairs that this model encoded in one forward pass, whatever their number.
   *
   * @param passThreads how many threads the forward pass uses on a CPU, the calling one among them.
   *     Several passes with one thread each do more in the same time than one pass with several.
   * @return one score a pair, in the pairs' order
   * @throws DeviceOutOfMemoryException if the batch does not fit into the device's memory
   * @throws IllegalStateException if the model is closed
   */
  public List<Score> scoreBatch(List<EncodedPair> batch, int passThreads) {
    if (batch.isEmpty()) {
      return List.of();
    }
    PackedBatch packed = PackedBatch.of(batch, bundle.manifest().positionOffset());
    float[][] logits = whileOpen(() -> engine.forward(packed, passThreads));
    List<Score> scores = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      scores.add(toScore(logits[i], batch.get(i).truncated()));
    }
    return scores;
  }

  /**
   * How many threads {@link #scoreBatch(List, int)} uses on a CPU if it may use so many. ONNX
   * Runtime has its threads from when the model was loaded: such a model uses one or {@link
   * CrossEncoderOptions#threads}.
   *
   * @param available at least one
   */
  public int passThreads(int available) {
    return engine.passThreads(available);
  }

  /**
   * Scores what nobody asked for, so that the first pair does not wait for what an engine does only
   * once: on a GPU some batches as large as the options' limits allow, on a CPU one short pair. A
   * model may be used without.
   *
   * @throws DeviceOutOfMemoryException if a batch of the limits' size does not fit into the
   *     device's memory; the model can be used all the same
   * @throws IllegalStateException if the model is closed
   */
  public void warmUp() {
    EncodedPair sample = whileOpen(encoder::sample);
    if (options.device().isCpu()) {
      // Not on several: the calling thread would keep them.
      scoreBatch(List.of(sample), 1);
    } else {
      int maxLength = options.maxLength().orElse(bundle.manifest().maxLength());
      WarmUp.onGpu(sample, options.limits(), maxLength).forEach(this::scoreBatch);
    }
  }

  private Score toScore(float[] logits, boolean truncated) {
    List<String> labels = bundle.manifest().labels();
    if (logits.length != labels.size()) {
      throw new InvalidModelException(
          "Cannot use bundle %s, its program returns %d logits a pair and its manifest has %d labels."
              .formatted(bundle.folder(), logits.length, labels.size()));
    }
    float[] activated = activation.apply(logits);
    List<Float> logitList = new ArrayList<>(logits.length);
    for (float logit : logits) {
      logitList.add(logit);
    }
    if (logits.length == 1) {
      return new Score(activated[0], null, Map.of(), logitList, truncated);
    }
    int winner = 0;
    Map<String, Float> byLabel = new HashMap<>();
    for (int i = 0; i < logits.length; i++) {
      byLabel.put(labels.get(i), activated[i]);
      if (logits[i] > logits[winner]) {
        winner = i;
      }
    }
    return new Score(activated[winner], labels.get(winner), byLabel, logitList, truncated);
  }

  private <T> T whileOpen(Supplier<T> action) {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException(
            "Cannot use the model %s, it is closed.".formatted(bundle.manifest().name()));
      }
      return action.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Frees the model once no forward pass runs any more. Closing twice is harmless. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        threads.close();
        try {
          engine.close();
        } finally {
          encoder.close();
        }
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
