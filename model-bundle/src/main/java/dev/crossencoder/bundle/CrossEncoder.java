package dev.crossencoder.bundle;

import static java.util.Objects.requireNonNull;

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
 * <p>Safe for use by several threads. Each thread that scores runs forward passes of its own with
 * {@link CrossEncoderOptions#threads} threads each, so few callers with several threads, or several
 * callers with one thread, use the cores best. {@link #close} waits for forward passes that run.
 */
public final class CrossEncoder implements AutoCloseable {
  private final Bundle bundle;
  private final CrossEncoderOptions options;
  private final Activation activation;
  private final PairEncoder encoder;
  private final ScoringEngine engine;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  /** Takes over an encoder and an engine, which {@link #close} closes. */
  CrossEncoder(
      Bundle bundle, CrossEncoderOptions options, PairEncoder encoder, ScoringEngine engine) {
    this.bundle = bundle;
    this.options = options;
    this.activation = options.activation().orElse(bundle.manifest().activation());
    this.encoder = encoder;
    this.engine = engine;
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
   * @throws InvalidModelException if the bundle is damaged, not for this release, or of a half
   *     precision for a CPU without {@link CrossEncoderOptions#withSlowPrecision}
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
    checkPrecision(manifest, options);
    bundle.verify();
    PairEncoder encoder = PairEncoder.load(bundle.folder().resolve(Bundle.TOKENIZER), maxLength);
    try {
      return new CrossEncoder(bundle, options, encoder, load(kind, bundle, options));
    } catch (Throwable t) {
      encoder.close();
      throw t;
    }
  }

  private static ScoringEngine load(Engine kind, Bundle bundle, CrossEncoderOptions options) {
    BundleManifest manifest = bundle.manifest();
    return switch (kind) {
      case PYTORCH -> TorchScriptEngine.load(bundle.program(), options.device(), options.threads());
      case ONNXRUNTIME ->
          OnnxEngine.load(
              bundle.program(),
              manifest.inputs(),
              // Where positions are counted from the padding id, that is the one before the first.
              Math.max(0, manifest.positionOffset() - 1),
              options.device(),
              options.threads());
    };
  }

  private static void checkPrecision(BundleManifest manifest, CrossEncoderOptions options) {
    boolean half =
        Arrays.stream(Precision.values())
            .anyMatch(known -> known.half() && known.dtype().equals(manifest.dtype()));
    if (half && options.device().equals("cpu") && !options.slowPrecision()) {
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
   * Scores pairs in batches within the options' limits.
   *
   * @return one score a pair, in the pairs' order
   * @throws DeviceOutOfMemoryException if a batch does not fit into the device's memory
   * @throws IllegalStateException if the model is closed
   */
  public List<Score> score(List<TextPair> pairs) {
    List<Score> scores = new ArrayList<>(pairs.size());
    List<EncodedPair> batch = new ArrayList<>();
    int tokens = 0;
    for (TextPair pair : pairs) {
      EncodedPair encoded = encode(pair);
      if (!options.limits().admit(batch.size(), tokens, encoded.length())) {
        scores.addAll(scoreBatch(batch));
        batch.clear();
        tokens = 0;
      }
      batch.add(encoded);
      tokens += encoded.length();
    }
    if (!batch.isEmpty()) {
      scores.addAll(scoreBatch(batch));
    }
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

  /** Tokenises a pair: the part of scoring that needs no device. */
  public EncodedPair encode(TextPair pair) {
    requireNonNull(pair, "pair is null");
    return whileOpen(() -> encoder.encode(pair));
  }

  /**
   * Scores pairs that this model encoded in one forward pass, whatever their number.
   *
   * @return one score a pair, in the pairs' order
   * @throws DeviceOutOfMemoryException if the batch does not fit into the device's memory
   * @throws IllegalStateException if the model is closed
   */
  public List<Score> scoreBatch(List<EncodedPair> batch) {
    if (batch.isEmpty()) {
      return List.of();
    }
    PackedBatch packed = PackedBatch.of(batch, bundle.manifest().positionOffset());
    float[][] logits = whileOpen(() -> engine.forward(packed));
    List<Score> scores = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      scores.add(toScore(logits[i], batch.get(i).truncated()));
    }
    return scores;
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
