package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.tokenizer.Truncation;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.ResultOrder;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.TimeoutAction;
import dev.crossencoder.operator.change.LiveModels;
import dev.crossencoder.operator.change.ModelRevision;
import dev.crossencoder.operator.change.ModelTag;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.annotation.VisibleForTesting;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.apache.flink.util.InstantiationUtil;
import org.apache.flink.util.function.SerializableSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores the text pairs of each record with a cross-encoder, in mini-batches, on the device of the
 * task's slot.
 *
 * <pre>{@code
 * DataStream<Scored<Question>> scored =
 *     CrossEncoderFunction.score(
 *         questions,
 *         "relevance",
 *         question -> List.of(new TextPair(question.text(), question.passage())),
 *         configuration);
 * }</pre>
 *
 * <p>Records in flight are part of every checkpoint and are scored again after a restart. A record
 * that cannot be scored becomes a result with a {@link Failure}. An error of the engine fails the
 * task. A model with its options is loaded once per device of a TaskManager, independent of the
 * number of slots.
 *
 * <p>Threads: {@link #asyncInvoke} enqueues the record and never blocks. Tokenizing and scoring run
 * on threads that all operators of the JVM share. Results are emitted on the task thread. The
 * operator's capacity is the only bound on records in flight. User code, such as the selector and
 * {@code toString} of a record, runs on the task thread only. Therefore an error of the engine
 * completes the future with a supplier that throws: {@link ResultFuture#completeExceptionally}
 * calls {@code toString} on the calling thread, and the record has no outcome if that fails.
 *
 * @param <T> the type of the records. Checkpoints contain records, written by the serializer of
 *     this type. Error messages contain {@code toString} of a record, which should not include its
 *     texts.
 * @param <R> the type of the results
 */
@PublicEvolving
public final class CrossEncoderFunction<T, R> extends RichAsyncFunction<T, R>
    implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(CrossEncoderFunction.class);

  /** The state that names the revisions in use. */
  private static final ListStateDescriptor<String> TAGS =
      new ListStateDescriptor<>("models", StringSerializer.INSTANCE);

  /** The shapes of the records, by the names of the models. */
  private final TreeMap<String, RecordShape<T, R>> shapes;

  private final ModelsConfig config;

  private final Routing<T> routing;
  private final SerializableSupplier<ModelRegistry> models;

  private transient RuntimeContext taskContext;
  private transient PairScorer scorer;

  /** The models that records can ask for. Written by threads that find models. */
  private transient Map<ModelKey, RecordShape<T, R>> found;

  /** Null if models do not change. */
  private transient ModelUpdates updates;

  /** Null if models do not change. */
  private transient ListState<String> tags;

  private transient ModelTag restoredTag;

  /** The tag of the records so far. */
  private transient ModelTag recordTag;

  /** The models that score records whose own one is gone, until the next tag. */
  private transient Map<ModelKey, ModelKey> instead;

  private transient ModelTag lastTag;
  private transient String lastTagText;
  private transient LogLimit timeouts;
  private transient LogLimit retagged;
  private transient LogLimit dropped;

  /**
   * Creates a function.
   *
   * @param shapes the shapes of the records, by the names of the models
   * @param routing how records choose among the models
   * @param models supplies the model registry of the JVM in which the function runs
   */
  CrossEncoderFunction(
      SortedMap<String, RecordShape<T, R>> shapes,
      ModelsConfig config,
      Routing<T> routing,
      SerializableSupplier<ModelRegistry> models) {
    this.shapes = new TreeMap<>(shapes);
    this.config = requireNonNull(config, "config is null");
    this.routing = routing;
    this.models = requireNonNull(models, "models is null");
  }

  /** Creates a function with one model. */
  @VisibleForTesting
  CrossEncoderFunction(
      RecordShape<T, R> shape, ScoringConfig config, SerializableSupplier<ModelRegistry> models) {
    this(
        new TreeMap<>(Map.of(ModelsConfig.UNNAMED, shape)),
        ModelsConfig.of(config),
        Routing.fixed(null),
        models);
  }

  /**
   * Adds the operator to a stream and sets its capacity, timeout, order, name and uid.
   *
   * @param stream the records
   * @param uid the operator uid, which identifies the operator's state in savepoints; do not change
   *     it between versions of a job
   * @param selector returns the pairs of a record
   * @param options a configuration with the keys of {@link CrossEncoderFunctionOptions}; other keys
   *     are ignored
   * @throws InvalidOptionException if an option is invalid; the message names the key, the value
   *     and the allowed values
   */
  public static <T> SingleOutputStreamOperator<Scored<T>> score(
      DataStream<T> stream, String uid, PairSelector<T> selector, ReadableConfig options) {
    return score(stream, uid, selector, options, () -> ModelRegistry.SHARED);
  }

  /**
   * As {@link #score(DataStream, String, PairSelector, ReadableConfig)}, with several models among
   * which each record chooses.
   *
   * <pre>{@code
   * configuration.setString("cross-encoder.models.en.model", "demo-rank");
   * configuration.setString("cross-encoder.models.de.model", "/models/de");
   * DataStream<Scored<Question>> scored =
   *     CrossEncoderFunction.score(
   *         questions, "relevance", Question::pairs, Question::language, configuration);
   * }</pre>
   *
   * @param route returns the name of a record's model
   * @param options as for one model, with {@code cross-encoder.models} in the place of {@code
   *     cross-encoder.model}
   * @throws InvalidOptionException if an option is invalid; the message names the key, the value
   *     and the allowed values
   */
  public static <T> SingleOutputStreamOperator<Scored<T>> score(
      DataStream<T> stream,
      String uid,
      PairSelector<T> selector,
      RouteSelector<T> route,
      ReadableConfig options) {
    requireNonNull(route, "route is null");
    return score(stream, uid, selector, Routing.fixed(route), options);
  }

  /**
   * Adds an operator that ranks the documents of each record, as {@link #score} adds one that
   * scores its pairs. The documents of a record may be scored in several batches, together with
   * those of other records.
   *
   * <pre>{@code
   * DataStream<Ranked<Search>> ranked =
   *     CrossEncoderFunction.rank(
   *         searches,
   *         "rerank",
   *         search -> new RankRequest(search.query(), search.documents()),
   *         configuration);
   * }</pre>
   *
   * @param selector returns the query and the documents of a record
   * @param options as for {@link #score}; {@code cross-encoder.top-n} and {@code
   *     cross-encoder.min-score} choose the results
   * @throws InvalidOptionException if an option is invalid; the message names the key, the value
   *     and the allowed values
   */
  public static <T> SingleOutputStreamOperator<Ranked<T>> rank(
      DataStream<T> stream, String uid, RankSelector<T> selector, ReadableConfig options) {
    return rank(stream, uid, selector, options, () -> ModelRegistry.SHARED);
  }

  /**
   * As {@link #rank(DataStream, String, RankSelector, ReadableConfig)}, with several models among
   * which each record chooses.
   *
   * @param route returns the name of a record's model
   * @throws InvalidOptionException if an option is invalid; the message names the key, the value
   *     and the allowed values
   */
  public static <T> SingleOutputStreamOperator<Ranked<T>> rank(
      DataStream<T> stream,
      String uid,
      RankSelector<T> selector,
      RouteSelector<T> route,
      ReadableConfig options) {
    requireNonNull(route, "route is null");
    return rank(stream, uid, selector, Routing.fixed(route), options);
  }

  /**
   * Adds an operator that finds the labels that the text of each record entails, without training,
   * with an NLI model. A text that is too long is truncated beside the whole template and label,
   * unless {@code cross-encoder.truncation} is set.
   *
   * <pre>{@code
   * configuration.set(CrossEncoderFunctionOptions.CLASSIFY_LABELS, List.of("delivery", "billing"));
   * DataStream<Classified<Ticket>> classified =
   *     CrossEncoderFunction.classify(
   *         tickets, "topic", ticket -> new ClassifyRequest(ticket.body()), configuration);
   * }</pre>
   *
   * @param selector returns the text of a record, and its labels if they are not those of the
   *     options
   * @param options as for {@link #score}; those that begin with {@code cross-encoder.classify} have
   *     the labels and say how texts are classified
   * @throws InvalidOptionException if an option is invalid; the message names the key, the value
   *     and the allowed values
   */
  public static <T> SingleOutputStreamOperator<Classified<T>> classify(
      DataStream<T> stream, String uid, ClassifySelector<T> selector, ReadableConfig options) {
    return classify(stream, uid, selector, options, () -> ModelRegistry.SHARED);
  }

  /**
   * As {@link #classify(DataStream, String, ClassifySelector, ReadableConfig)}, with several models
   * among which each record chooses.
   *
   * @param route returns the name of a record's model
   * @throws InvalidOptionException if an option is invalid; the message names the key, the value
   *     and the allowed values
   */
  public static <T> SingleOutputStreamOperator<Classified<T>> classify(
      DataStream<T> stream,
      String uid,
      ClassifySelector<T> selector,
      RouteSelector<T> route,
      ReadableConfig options) {
    requireNonNull(route, "route is null");
    return classify(stream, uid, selector, Routing.fixed(route), options);
  }

  /**
   * Checks the options as {@link #score} does, without a stream.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  public static void validate(ReadableConfig options) {
    configs(ModelOptions.split(options), options, Truncation.LONGEST_FIRST);
  }

  /** As {@link #score(DataStream, String, PairSelector, ReadableConfig)}, with a routing. */
  @Internal
  public static <T> SingleOutputStreamOperator<Scored<T>> score(
      DataStream<T> stream,
      String uid,
      PairSelector<T> selector,
      Routing<T> routing,
      ReadableConfig options) {
    return score(stream, uid, selector, routing, options, () -> ModelRegistry.SHARED);
  }

  /** As {@link #rank(DataStream, String, RankSelector, ReadableConfig)}, with a routing. */
  @Internal
  public static <T> SingleOutputStreamOperator<Ranked<T>> rank(
      DataStream<T> stream,
      String uid,
      RankSelector<T> selector,
      Routing<T> routing,
      ReadableConfig options) {
    return rank(stream, uid, selector, routing, options, () -> ModelRegistry.SHARED);
  }

  /** As {@link #classify(DataStream, String, ClassifySelector, ReadableConfig)}, with a routing. */
  @Internal
  public static <T> SingleOutputStreamOperator<Classified<T>> classify(
      DataStream<T> stream,
      String uid,
      ClassifySelector<T> selector,
      Routing<T> routing,
      ReadableConfig options) {
    return classify(stream, uid, selector, routing, options, () -> ModelRegistry.SHARED);
  }

  static <T> SingleOutputStreamOperator<Scored<T>> score(
      DataStream<T> stream,
      String uid,
      PairSelector<T> selector,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    return score(stream, uid, selector, Routing.fixed(null), options, models);
  }

  static <T> SingleOutputStreamOperator<Scored<T>> score(
      DataStream<T> stream,
      String uid,
      PairSelector<T> selector,
      Routing<T> routing,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    PairSelector<T> cleaned = clean(stream, selector);
    return add(
        stream,
        uid,
        routing,
        options,
        models,
        each -> {
          CascadeConfig.from(each).requirePairs();
          return RecordShapes.pairs(
              cleaned, RankConfig.from(each).options().minScore(), LabelThresholds.from(each));
        });
  }

  static <T> SingleOutputStreamOperator<Ranked<T>> rank(
      DataStream<T> stream,
      String uid,
      RankSelector<T> selector,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    return rank(stream, uid, selector, Routing.fixed(null), options, models);
  }

  static <T> SingleOutputStreamOperator<Ranked<T>> rank(
      DataStream<T> stream,
      String uid,
      RankSelector<T> selector,
      Routing<T> routing,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    RankSelector<T> cleaned = clean(stream, selector);
    return add(
        stream,
        uid,
        routing,
        options,
        models,
        each -> {
          requireNoThresholds(each);
          CascadeConfig.from(each).requireLists();
          RankConfig ranking = RankConfig.from(each);
          return RecordShapes.documents(cleaned, ranking.options(), ranking.maxDocuments());
        });
  }

  static <T> SingleOutputStreamOperator<Classified<T>> classify(
      DataStream<T> stream,
      String uid,
      ClassifySelector<T> selector,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    return classify(stream, uid, selector, Routing.fixed(null), options, models);
  }

  static <T> SingleOutputStreamOperator<Classified<T>> classify(
      DataStream<T> stream,
      String uid,
      ClassifySelector<T> selector,
      Routing<T> routing,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    ClassifySelector<T> cleaned = clean(stream, selector);
    return add(
        stream,
        uid,
        routing,
        options,
        models,
        each -> {
          LongDocumentConfig.from(each).requireWholeTexts();
          CascadeConfig.from(each).requireNone();
          return new ClassifyShape<>(
              cleaned, ClassifyConfig.from(each), LabelThresholds.from(each));
        });
  }

  /**
   * Removes what a user's class need not reference. Flink does so with the function's own fields,
   * and not within maps.
   */
  private static <T, F> F clean(DataStream<T> stream, F selector) {
    return stream.getExecutionEnvironment().clean(requireNonNull(selector, "selector is null"));
  }

  private static void requireNoThresholds(ReadableConfig options) {
    LabelThresholds thresholds = LabelThresholds.from(options);
    InvalidOptionException.check(
        thresholds.isEmpty(),
        CrossEncoderFunctionOptions.LABEL_THRESHOLD,
        thresholds,
        "Documents have scores and no labels: use %s instead."
            .formatted(CrossEncoderFunctionOptions.MIN_SCORE.key()));
  }

  private static <T, R> SingleOutputStreamOperator<R> add(
      DataStream<T> stream,
      String uid,
      Routing<T> routing,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models,
      Function<ReadableConfig, RecordShape<T, R>> shapeOf) {
    SortedMap<String, ReadableConfig> split = ModelOptions.split(options);
    SortedMap<String, RecordShape<T, R>> shapes =
        ModelOptions.map(split, (name, each) -> shapeOf.apply(each));
    RecordShape<T, R> any = shapes.get(shapes.firstKey());
    ModelsConfig config = configs(split, options, any.truncation());
    if (routing.background()) {
      config = config.inBackground();
    }
    requireRoute(routing.route(), config);
    CrossEncoderFunction<T, R> function =
        new CrossEncoderFunction<>(shapes, config, routing, models);
    TaskConfig task = config.task();
    long timeout = task.timeout().toMillis();
    SingleOutputStreamOperator<R> results =
        task.order() == ResultOrder.ORDERED
            ? AsyncDataStream.orderedWait(
                stream, function, timeout, TimeUnit.MILLISECONDS, task.capacity())
            : AsyncDataStream.unorderedWait(
                stream, function, timeout, TimeUnit.MILLISECONDS, task.capacity());
    return results.returns(any.resultType(stream.getType())).name("cross-encoder " + uid).uid(uid);
  }

  private static ModelsConfig configs(
      SortedMap<String, ReadableConfig> split, ReadableConfig options, Truncation byDefault) {
    return ModelsConfig.of(
        ModelOptions.map(split, (name, each) -> ScoringConfig.from(each, byDefault)), options);
  }

  private static void requireRoute(RouteSelector<?> route, ModelsConfig config) {
    InvalidOptionException.check(
        route != null || !config.isRouted(),
        CrossEncoderFunctionOptions.MODELS,
        config.models().keySet(),
        "Records do not say which of these models scores them: add a route, or name one model with %s."
            .formatted(CrossEncoderFunctionOptions.MODEL.key()));
    InvalidOptionException.check(
        route == null || config.isRouted(),
        CrossEncoderFunctionOptions.MODELS,
        "missing",
        "Records choose a model by its name: name the models, or leave the route out.");
  }

  /**
   * Stores the task's own context. {@link #getRuntimeContext} returns a wrapper that does not give
   * access to the TaskManager.
   */
  @Override
  public void setRuntimeContext(RuntimeContext context) {
    super.setRuntimeContext(context);
    taskContext = context;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    restoredTag = ModelTag.NONE;
    if (routing.isLive()) {
      tags = context.getOperatorStateStore().getUnionListState(TAGS);
      for (String text : tags.get()) {
        ModelTag tag = ModelTag.parse(text);
        restoredTag = tag.version() > restoredTag.version() ? tag : restoredTag;
      }
    }
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    if (routing.isLive()) {
      // Not a later one that was heard of and that no record before the barrier has.
      tags.update(List.of(recordTag.text()));
    }
  }

  @Override
  public void open(OpenContext openContext) throws Exception {
    super.open(openContext);
    timeouts = new LogLimit();
    retagged = new LogLimit();
    dropped = new LogLimit();
    found = new ConcurrentHashMap<>();
    lastTag = ModelTag.NONE;
    instead = new HashMap<>();
    ModelTag tag = routing.isLive() ? requireNonNull(restoredTag).restored(config.named()) : null;
    recordTag = tag;
    scorer =
        PairScorer.open(
            config,
            models.get(),
            TaskEnvironment.of(taskContext),
            config.task().capacity(),
            this::fit,
            "timeout=%s order=%s".formatted(config.task().timeout(), config.task().order()),
            tag);
    if (routing.background()) {
      scorer.registerDropped();
    }
    if (routing.isLive()) {
      updates = new ModelUpdates(scorer, config.models().keySet(), tag);
      updates.join(LiveModels.SHARED, getRuntimeContext().getJobInfo().getJobId().toHexString());
    }
  }

  /**
   * Prepares the shape of the records for a model that was found, on any thread. A revision has a
   * shape of its own, because records of another one may be in flight.
   */
  private void fit(ModelKey key, Bundle bundle) {
    RecordShape<T, R> shape = shapes.get(key.name());
    if (key.digest() != null) {
      shape = copy(shape);
    }
    shape.open(bundle.manifest().name(), bundle.manifest().labels());
    found.put(key, shape);
  }

  private RecordShape<T, R> copy(RecordShape<T, R> shape) {
    try {
      return InstantiationUtil.clone(shape, taskContext.getUserCodeClassLoader());
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException("Cannot copy the shape of the records", e);
    }
  }

  /**
   * The model of a record.
   *
   * @param shape makes its pairs and its result
   * @param stages the stages of the model, first to last
   */
  private record Model<T, R>(ModelKey key, RecordShape<T, R> shape, List<Stage> stages) {
    R failure(T element, Failure failure) {
      Stage main = stages.get(stages.size() - 1);
      return shape.failure(element, failure, main.model(), main.revision());
    }
  }

  @Override
  public void asyncInvoke(T element, ResultFuture<R> resultFuture) throws InterruptedException {
    scorer.checkDelivered();
    if (routing.background() && scorer.recordsInFlight() >= config.task().capacity() / 2) {
      scorer.countDropped();
      resultFuture.complete(List.of());
      return;
    }
    Model<T, R> model = null;
    RecordShape.Request<R> request;
    try {
      ModelTag tag = tag(element);
      String name = name(element);
      model = model(name, tag);
      countIfRetagged(model.key(), tag.revision(name));
      request = model.shape().request(element);
    } catch (InvalidRecordException e) {
      scorer.countFailed(model == null ? null : model.key().name(), e.failure().code());
      // A record whose model is not known has the failure of no model.
      resultFuture.complete(
          List.of(
              model == null
                  ? shapes.get(shapes.firstKey()).failure(element, e.failure(), null, null)
                  : model.failure(element, e.failure())));
      return;
    }
    if (request.pairs().isEmpty()) {
      resultFuture.complete(result(model, request.reducer(), List.of()));
      return;
    }
    Completion completion = new Completion(model, element, request.reducer(), resultFuture);
    scorer.submit(model.key(), resultFuture, request.pairs(), completion);
  }

  private void countIfRetagged(ModelKey key, ModelRevision wanted) {
    if (wanted != null && !wanted.digest().equals(key.digest())) {
      scorer.countRetagged();
    }
  }

  /** Returns the revisions that score a record. */
  private ModelTag tag(T element) {
    if (!routing.isLive()) {
      return ModelTag.NONE;
    }
    String text = routing.tags().tag(element);
    if (!Objects.equals(text, lastTagText)) {
      lastTag = ModelTag.parse(text);
      lastTagText = text;
      if (lastTag.version() >= recordTag.version()) {
        recordTag = lastTag;
      }
      updates.use(lastTag);
      instead.clear();
      found.keySet().removeIf(key -> key.digest() != null && scorer.stagesIfFound(key) == null);
    }
    return lastTag;
  }

  private Model<T, R> model(String name, ModelTag tag) throws InterruptedException {
    ModelKey wanted = scorer.key(name, tag.revision(name));
    ModelKey key = instead.getOrDefault(wanted, wanted);
    RecordShape<T, R> shape = found.get(key);
    List<Stage> stages = scorer.stagesIfFound(key);
    if (shape == null || stages == null) {
      key = find(name, tag);
      instead.put(wanted, key);
      shape = found.get(key);
      stages = scorer.stages(key);
    }
    return new Model<>(key, shape, stages);
  }

  /**
   * Finds the model of a record that was in flight when the task began, or that another source has
   * sent late. Blocks the task thread, until the model is found and not until it is loaded.
   *
   * @throws SuppressRestartsException if it cannot be found any more
   */
  private ModelKey find(String name, ModelTag tag) throws InterruptedException {
    ModelRevision revision = tag.revision(name);
    ModelTag.Entry entry = tag.models().get(name);
    // A model that was replaced where the options name it: they count more than a record's tag.
    boolean hasSubstitute = entry != null && (entry.isOfOptions() || routing.retags());
    try {
      return scorer.find(name, revision, !hasSubstitute).key();
    } catch (InvalidModelException | IllegalArgumentException | ModelUnavailableException e) {
      if (hasSubstitute) {
        return substitute(name, revision, e);
      }
      throw missing(name, revision, e);
    }
  }

  /** Finds the model that scores records whose revision is gone. */
  private ModelKey substitute(String name, ModelRevision gone, RuntimeException reason)
      throws InterruptedException {
    ModelRevision current = updates.current().revision(name);
    boolean isOther = current != null && !current.digest().equals(gone.digest());
    ModelKey key = scorer.key(name, isOther ? current : null);
    try {
      if (found.get(key) == null || scorer.stagesIfFound(key) == null) {
        key = scorer.find(name, isOther ? current : null, true).key();
      }
    } catch (InvalidModelException | IllegalArgumentException | ModelUnavailableException e) {
      reason.addSuppressed(e);
      throw missing(name, gone, reason);
    }
    if (retagged.permits()) {
      LOG.warn(
          "Records in flight are scored by {}, because their model, {}, cannot be found any more. This is logged once a minute at most.",
          isOther ? current : "the model of the options",
          gone,
          reason);
    }
    return key;
  }

  private static SuppressRestartsException missing(
      String name, ModelRevision revision, RuntimeException reason) {
    return new SuppressRestartsException(
        new InvalidModelException(
            "Records in flight are to be scored by the model %s, which cannot be found any more: %s Put it back, or let the model that is in use score them (model.missing active)."
                .formatted(revision == null ? name : revision, reason.getMessage()),
            reason));
  }

  /** Returns the name of the model that scores a record. */
  private String name(T element) throws InvalidRecordException {
    return routing.route() == null
        ? ModelsConfig.UNNAMED
        : scorer.route(routing.route().route(element));
  }

  /** Returns no result for a record that is filtered out. */
  private List<R> result(
      Model<T, R> model, RecordShape.Reducer<R> reducer, List<PairOutcome> outcomes) {
    Optional<R> result = reducer.result(outcomes, model.stages());
    if (result.isEmpty()) {
      scorer.countFiltered();
      return List.of();
    }
    Failure failure = model.shape().failureOf(result.get());
    if (failure == null) {
      scorer.countPassed();
    } else {
      scorer.countFailed(model.key().name(), failure.code());
    }
    return List.of(result.get());
  }

  @Override
  public void timeout(T element, ResultFuture<R> resultFuture) {
    scorer.checkDelivered();
    ModelKey key = scorer.modelOf(resultFuture);
    if (key == null) {
      return;
    }
    Model<T, R> model = new Model<>(key, found.get(key), scorer.stages(key));
    String state = scorer.describe();
    if (!scorer.withdraw(resultFuture)) {
      return;
    }
    String message =
        "Record %s, the oldest in flight, was not scored within %s. On %s, %s."
            .formatted(RecordName.of(element), config.task().timeout(), scorer.device(), state);
    if (config.task().onTimeout() == TimeoutAction.DEAD_LETTER) {
      scorer.countFailed(key.name(), Failure.TIMEOUT);
      if (timeouts.permits()) {
        LOG.warn(
            "{} It becomes a failed result. Further ones are logged once a minute at most.",
            message);
      }
      resultFuture.complete(List.of(model.failure(element, new Failure(Failure.TIMEOUT, message))));
    } else {
      resultFuture.complete(
          () -> {
            throw new TimeoutException(
                message
                    + " Raise %s if the device is only slow; a hanging device needs the restart that follows."
                        .formatted(CrossEncoderFunctionOptions.TIMEOUT.key()));
          });
    }
  }

  /** Abandons the records in flight; they are in the checkpoint, and Flink sends them again. */
  @Override
  public void close() throws Exception {
    if (updates != null) {
      updates.close();
    }
    if (scorer != null) {
      scorer.close();
    }
    super.close();
  }

  /**
   * Completes the future of a record on a scoring thread. The supplier, which creates the result
   * and updates metrics, runs on the task thread.
   */
  private final class Completion implements OutcomeListener {
    private final Model<T, R> model;
    private final T element;
    private final RecordShape.Reducer<R> reducer;
    private final ResultFuture<R> resultFuture;

    private Completion(
        Model<T, R> model,
        T element,
        RecordShape.Reducer<R> reducer,
        ResultFuture<R> resultFuture) {
      this.model = model;
      this.element = element;
      this.reducer = reducer;
      this.resultFuture = resultFuture;
    }

    @Override
    public boolean keepsFailedPairs() {
      return model.shape().keepsFailedPairs();
    }

    @Override
    public void completed(List<PairOutcome> outcomes) {
      complete(
          () -> {
            scorer.countCompleted(model.key().name(), outcomes);
            return result(model, reducer, outcomes);
          });
    }

    @Override
    public void failed(Failure failure) {
      complete(
          () -> {
            scorer.countFailed(model.key().name(), failure.code());
            return List.of(model.failure(element, failure));
          });
    }

    @Override
    public void errored(Throwable error) {
      complete(
          () -> {
            if (routing.background()) {
              if (dropped.permits()) {
                LOG.warn(
                    "Cannot score a record in the background. Further ones are logged once a minute at most.",
                    error);
              }
              scorer.countDropped();
              return List.of();
            }
            throw new IllegalStateException(
                "Cannot score record %s on %s: %s"
                    .formatted(RecordName.of(element), scorer.device(), error),
                error);
          });
    }

    private void complete(Supplier<List<R>> results) {
      try {
        scorer.withdraw(resultFuture);
        resultFuture.complete(results::get);
      } catch (RejectedExecutionException e) {
        LOG.debug("The task has ended; the record is in its checkpoint", e);
      } catch (Throwable t) {
        // The future may already be marked as completed; then neither a result nor a timeout would
        // follow.
        scorer.failUndelivered(t);
      }
    }
  }
}
