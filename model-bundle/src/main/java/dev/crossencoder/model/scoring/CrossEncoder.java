package dev.crossencoder.model.scoring;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.DeviceOutOfMemoryException;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.PairTooLongException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.RankedItem;
import dev.crossencoder.model.RankedPassage;
import dev.crossencoder.model.Ranking;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.ScoreFunction;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.bundle.ModelActivation;
import dev.crossencoder.model.classification.Classification;
import dev.crossencoder.model.classification.ClassifyOptions;
import dev.crossencoder.model.classification.ZeroShotClassifier;
import dev.crossencoder.model.engine.CpuPasses;
import dev.crossencoder.model.engine.OnnxSessions;
import dev.crossencoder.model.engine.PackedBatch;
import dev.crossencoder.model.engine.ScoringEngine;
import dev.crossencoder.model.engine.ScoringThreads;
import dev.crossencoder.model.engine.TorchScriptEngine;
import dev.crossencoder.model.engine.WarmUp;
import dev.crossencoder.model.scoring.Shares.Share;
import dev.crossencoder.model.tokenizer.PairEncoder;
import dev.crossencoder.model.tokenizer.Truncation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A loaded cross-encoder. It reads two texts together and scores how well they fit.
 *
 * <pre>{@code
 * try (CrossEncoder model = CrossEncoder.open(Path.of("my-bundle"))) {
 *   Score score = model.score(new TextPair("who wrote it?", "It was written by Ada."));
 *   List<RankedPassage> best = model.rank("who wrote it?", passages, 10);
 * }
 * }</pre>
 *
 * <p>Scores are those of sentence-transformers' {@code CrossEncoder} with the same weights. The
 * score of a pair does not depend on the other pairs of its batch.
 *
 * <p>Thread-safe. On a CPU, each calling thread may use {@link CrossEncoderOptions#threads}
 * threads: for one forward pass, or for concurrent passes if there are several batches. To use all
 * cores, have either few callers with several threads each, or one caller per core with one thread
 * each. {@link #close} waits for running forward passes.
 */
public final class CrossEncoder implements AutoCloseable {
  private final Bundle bundle;
  private final CrossEncoderOptions options;
  private final ScoreFunction function;
  private final LogitScores logitScores;
  private final PairEncoder encoder;
  private final ScoringPlan plan;
  private final ScoringEngine engine;
  private final ScoringThreads threads;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  /** Owns the encoder, the engine and the threads: {@link #close} closes them. */
  CrossEncoder(
      Bundle bundle,
      CrossEncoderOptions options,
      PairEncoder encoder,
      ScoringEngine engine,
      ScoringThreads threads,
      ScoreFunction function) {
    this.bundle = bundle;
    this.options = options;
    this.function = function;
    this.logitScores = new LogitScores(bundle, function);
    this.encoder = encoder;
    this.plan =
        new ScoringPlan(this::whileOpen, encoder, bundle.manifest().labels(), function, options);
    this.engine = engine;
    this.threads = threads;
  }

  /** Opens a bundle with {@link CrossEncoderOptions#DEFAULT}. */
  public static CrossEncoder open(Path bundle) {
    return open(bundle, CrossEncoderOptions.DEFAULT);
  }

  /** Reads and opens a bundle, as {@link #open(Bundle, CrossEncoderOptions)} does. */
  public static CrossEncoder open(Path bundle, CrossEncoderOptions options) {
    return open(Bundle.read(bundle), options);
  }

  /**
   * Verifies the digests of a bundle and loads it.
   *
   * @throws InvalidModelException if the bundle is damaged; if this release does not support it; if
   *     it has a half precision, the device is a CPU and {@link
   *     CrossEncoderOptions#withSlowPrecision} is not set; or if its activation cannot score and
   *     the options have no other
   * @throws IllegalArgumentException if the options have a larger maximum length than the model, or
   *     larger chunks, or the name of a prompt that the model does not have, or a score of chunks
   *     that the model's labels do not have
   * @throws DeviceOutOfMemoryException if the weights do not fit into the device's memory
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
    if (isActivated(manifest, options)) {
      activation(manifest, options);
    }
    ScoringPlan.check(options, manifest.name(), manifest.numLabels(), maxLength);
    String prompt =
        manifest.prompts().choose(manifest.name(), options.prompt(), options.promptName());
    checkPrecision(manifest, options);
    bundle.verify();
    ScoreFunction function = function(bundle, options);
    PairEncoder encoder =
        PairEncoder.load(
            bundle.folder().resolve(Bundle.TOKENIZER),
            maxLength,
            options.truncation().orElse(Truncation.LONGEST_FIRST),
            prompt);
    try {
      ScoringThreads threads =
          new ScoringThreads(manifest.name(), options.device().isCpu() ? options.threads() - 1 : 0);
      ScoringEngine engine = load(kind, bundle, options, threads);
      return new CrossEncoder(bundle, options, encoder, engine, threads, function);
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
        yield engine.onCpu() ? CpuPasses.repeatingRows(engine, threads) : engine;
      }
      case ONNXRUNTIME ->
          CpuPasses.of(
              OnnxSessions.load(
                  bundle.program(),
                  manifest.inputs(),
                  // If position ids depend on the padding id, the padding id is one less.
                  Math.max(0, manifest.positionOffset() - 1),
                  options.device(),
                  options.threads()),
              threads);
    };
  }

  /** Whether scores are activated logits, and not calibrated probabilities. */
  private static boolean isActivated(BundleManifest manifest, CrossEncoderOptions options) {
    return !manifest.isCalibrated() || !options.calibrated() || options.activation().isPresent();
  }

  private static ScoreFunction function(Bundle bundle, CrossEncoderOptions options) {
    return isActivated(bundle.manifest(), options)
        ? activation(bundle.manifest(), options)
        : bundle.calibration().orElseThrow();
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

  public Bundle bundle() {
    return bundle;
  }

  /** Turns this model's logits into scores: an activation, or the calibration of the bundle. */
  public ScoreFunction scoreFunction() {
    return function;
  }

  /** Scores one pair, as {@link #score(List)} does. */
  public Score score(TextPair pair) {
    return score(List.of(pair)).get(0);
  }

  /**
   * Scores pairs in batches within {@link CrossEncoderOptions#limits}. With at least four pairs per
   * thread of {@link CrossEncoderOptions#threads}, a CPU scores several batches at the same time,
   * one on each thread. One of the threads is the calling thread; the others end when they are
   * idle. The chunks of a text take part in the batches of other pairs.
   *
   * @return one score per pair, in the order of the pairs
   * @throws PairTooLongException if the truncation may not shorten the text that is too long
   * @throws DeviceOutOfMemoryException if a batch does not fit into the device's memory
   * @throws IllegalStateException if the model is closed
   */
  public List<Score> score(List<TextPair> pairs) {
    return score(pairs, this::begin);
  }

  private List<Score> score(List<TextPair> pairs, Function<TextPair, PairScoring> begin) {
    List<Share> shares =
        Shares.of(pairs.size(), threads.parallelism(), options.limits().maxPairs());
    if (shares.size() == 1) {
      return scoreShare(pairs, begin, options.threads());
    }
    List<Supplier<List<Score>>> tasks = new ArrayList<>(shares.size());
    for (Share share : shares) {
      tasks.add(() -> scoreShare(pairs.subList(share.start(), share.end()), begin, 1));
    }
    List<Score> scores = new ArrayList<>(pairs.size());
    threads.runAll(tasks).forEach(scores::addAll);
    return scores;
  }

  private List<Score> scoreShare(
      List<TextPair> pairs, Function<TextPair, PairScoring> begin, int passThreads) {
    return new BatchedScoring(options.limits(), begin, batch -> scoreBatch(batch, passThreads))
        .score(pairs);
  }

  /**
   * Ranks passages by their relevance to a query, as {@link #rank(String, List, RankOptions)} does.
   *
   * @param topN the largest number of results, at least 1
   */
  public List<RankedPassage> rank(String query, List<String> passages, int topN) {
    return rank(query, passages, RankOptions.ALL.withTopN(topN));
  }

  /**
   * Ranks passages by their relevance to a query, best first. Passages with equal scores keep their
   * order; those with the score NaN come last.
   *
   * @throws IllegalArgumentException if the model has more than one label
   */
  public List<RankedPassage> rank(String query, List<String> passages, RankOptions rankOptions) {
    return rank(query, passages, passage -> passage, rankOptions).stream()
        .map(ranked -> new RankedPassage(ranked.corpusId(), ranked.score(), ranked.document()))
        .toList();
  }

  /**
   * Ranks documents of any type, such as texts with ids, by the relevance of their texts to a
   * query. The order is that of {@link #rank(String, List, RankOptions)}.
   *
   * @param text returns the text of a document
   * @throws IllegalArgumentException if the model has more than one label
   */
  public <T> List<RankedItem<T>> rank(
      String query, List<T> documents, Function<T, String> text, RankOptions rankOptions) {
    requireNonNull(query, "query is null");
    if (bundle.manifest().numLabels() != 1) {
      throw new IllegalArgumentException(
          "Cannot rank with %s, it has %d labels. Ranking takes a model with one label."
              .formatted(bundle.manifest().name(), bundle.manifest().numLabels()));
    }
    List<Score> scores =
        score(
            documents.stream().map(document -> new TextPair(query, text.apply(document))).toList());
    return Ranking.best(scores, rankOptions).stream()
        .map(index -> new RankedItem<>(index, scores.get(index), documents.get(index)))
        .toList();
  }

  /** As {@link #classify(String, List, ClassifyOptions)}, with {@link ClassifyOptions#DEFAULT}. */
  public Classification classify(String text, List<String> labels) {
    return classify(text, labels, ClassifyOptions.DEFAULT);
  }

  /**
   * Classifies a text without training, as {@link #classify(List, List, ClassifyOptions)} does.
   *
   * <pre>{@code
   * model.classify("The parcel came broken.", List.of("delivery", "billing")).label()
   * }</pre>
   */
  public Classification classify(String text, List<String> labels, ClassifyOptions options) {
    return classify(List.of(text), labels, options).get(0);
  }

  /**
   * Classifies texts without training, with an NLI model: scores how well a text entails the
   * hypothesis of each label. If a text is too long beside a hypothesis, only the text is
   * truncated, unless {@link CrossEncoderOptions#truncation} says otherwise.
   *
   * @return one classification per text, in the order of the texts
   * @throws IllegalArgumentException if {@code labels} is empty, contains a blank label or the same
   *     label twice; if the model has one label; if none of its labels starts with {@code entail}
   *     and {@link ClassifyOptions#entailmentLabel} names none; or as {@link
   *     #requireClassification} says
   * @throws PairTooLongException if a hypothesis alone has more tokens than the model reads
   * @throws IllegalStateException if the model is closed
   */
  public List<Classification> classify(
      List<String> texts, List<String> labels, ClassifyOptions classifyOptions) {
    requireClassification();
    BundleManifest manifest = bundle.manifest();
    ZeroShotClassifier classifier =
        ZeroShotClassifier.of(manifest.name(), manifest.labels(), classifyOptions);
    List<TextPair> pairs =
        texts.stream()
            .flatMap(text -> ZeroShotClassifier.pairs(text, labels, classifyOptions).stream())
            .toList();
    Truncation truncation = options.truncation().orElse(Truncation.ONLY_FIRST);
    List<Score> scores = score(pairs, pair -> PairScoring.of(encode(pair, truncation)));
    int perText = labels.size();
    return IntStream.range(0, texts.size())
        .mapToObj(i -> scores.subList(i * perText, (i + 1) * perText))
        .map(ofText -> classifier.classify(labels, ofText))
        .toList();
  }

  /**
   * Checks that the options read each text as a whole, as classification needs it: the logits of
   * chunks cannot be compared between labels.
   *
   * @throws IllegalArgumentException if {@link CrossEncoderOptions#chunking} or {@link
   *     CrossEncoderOptions#evidence} is set
   */
  public void requireClassification() {
    if (!plan.isSimple()) {
      throw new IllegalArgumentException(
          "Cannot classify with chunks or evidence: a text is read up to what fits beside a label. Leave these options out.");
    }
  }

  /**
   * Begins to score a pair: finds out whether it has several parts, which {@link
   * CrossEncoderOptions#chunking} and {@link CrossEncoderOptions#evidence} determine. {@link
   * #score(List)} does this for its pairs.
   *
   * @throws PairTooLongException if the truncation may not shorten the text that is too long
   * @throws IllegalStateException if the model is closed
   */
  public PairScoring begin(TextPair pair) {
    requireNonNull(pair, "pair is null");
    return plan.begin(pair);
  }

  /**
   * Tokenizes and truncates a pair. This part of scoring runs on the CPU, on the calling thread.
   *
   * @throws PairTooLongException if the truncation may not shorten the text that is too long
   * @throws IllegalStateException if the model is closed
   */
  public EncodedPair encode(TextPair pair) {
    requireNonNull(pair, "pair is null");
    return whileOpen(() -> encoder.encode(pair));
  }

  private EncodedPair encode(TextPair pair, Truncation truncation) {
    return whileOpen(() -> encoder.encode(pair, truncation));
  }

  /** As {@link #scoreBatch(List, int)}, with {@link CrossEncoderOptions#threads} threads. */
  public List<Score> scoreBatch(List<EncodedPair> batch) {
    return scoreBatch(batch, options.threads());
  }

  /**
   * Scores encoded pairs in one forward pass. The batch may exceed the limits of the options.
   *
   * @param batch pairs from {@link #encode} of this model
   * @param passThreads the number of CPU threads of the forward pass, the calling thread included.
   *     Several concurrent passes with one thread each are faster than one pass with several
   *     threads.
   * @return one score per pair, in the order of the pairs
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
      scores.add(logitScores.score(logits[i], batch.get(i).truncated()));
    }
    return scores;
  }

  /**
   * Returns how many of the available CPU threads {@link #scoreBatch(List, int)} can use. With ONNX
   * Runtime the number of threads is fixed when the model is loaded: a pass uses 1 or {@link
   * CrossEncoderOptions#threads}.
   *
   * @param available at least 1
   */
  public int passThreads(int available) {
    return engine.passThreads(available);
  }

  /**
   * Scores sample batches, so that the first real pair does not wait for one-time work of the
   * engine: on a GPU some batches as large as the limits allow, on a CPU one short pair. Optional.
   *
   * @throws DeviceOutOfMemoryException if a batch as large as the limits does not fit into the
   *     device's memory; the model is still usable for smaller batches
   * @throws IllegalStateException if the model is closed
   */
  public void warmUp() {
    EncodedPair sample = whileOpen(encoder::sample);
    if (options.device().isCpu()) {
      // One thread: libtorch would keep the other threads of a pass for the calling thread.
      scoreBatch(List.of(sample), 1);
    } else {
      int maxLength = options.maxLength().orElse(bundle.manifest().maxLength());
      WarmUp.onGpu(sample, options.limits(), maxLength).forEach(this::scoreBatch);
    }
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

  /** Waits for running forward passes and frees the model. A second call has no effect. */
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
