package dev.crossencoder.operator;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.ChunkScore;
import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.Evidence;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.classification.ClassifyOptions;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.tokenizer.Truncation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;

/** The options of {@link CrossEncoderFunction}. */
@PublicEvolving
public final class CrossEncoderFunctionOptions {
  /** {@code cross-encoder.model}. */
  public static final ConfigOption<String> MODEL =
      ConfigOptions.key("cross-encoder.model")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The model: a bundle folder, a checkpoint folder in Hugging Face layout, a model of the Hugging Face hub (owner/name@revision), or one of the embedded models demo-rank, demo-qa and demo-nli. A folder must be readable at the same path on every TaskManager. It can also be in a file system of Flink, such as s3://bucket/model: each TaskManager copies it into its cache folder, and needs the plugin of that file system. A checkpoint is first compiled into the cache folder of each TaskManager; to avoid this, build a bundle once. A hub model is downloaded by each machine: name a commit as the revision, so that all machines use the same model, also after a restart.");

  /** {@code cross-encoder.model-digest}. */
  public static final ConfigOption<String> MODEL_DIGEST =
      ConfigOptions.key("cross-encoder.model-digest")
          .stringType()
          .noDefaultValue()
          .withDeprecatedKeys("cross-encoder.model.digest")
          .withDescription(
              "The digest that the model's bundle must have, as 'inspect' prints it: sha256: and 64 hexadecimal digits. If the bundle has another digest, the job fails before the first record. Set it wherever others can write to the model's folder.");

  /** {@code cross-encoder.models}. */
  public static final ConfigOption<Map<String, String>> MODELS =
      ConfigOptions.key("cross-encoder.models")
          .mapType()
          .noDefaultValue()
          .withDescription(
              "Several models instead of one, among which each record chooses by a name: cross-encoder.models.NAME.model and, if that model needs them, further options of its own, such as cross-encoder.models.NAME.max-length. The other options are those of all models. Names have letters, digits, - and _. Of its own, a model may have the options that concern models, lengths, prompts, labels, results, long documents and cascades; the options of batches, devices and records in flight are the same for all.");

  /** {@code cross-encoder.models.max-loaded}. */
  public static final ConfigOption<Integer> MODELS_MAX_LOADED =
      ConfigOptions.key("cross-encoder.models.max-loaded")
          .intType()
          .noDefaultValue()
          .withDescription(
              "The largest number of models that a subtask keeps loaded. If a record needs another one, the model that was asked for least recently is given back first, once its records in flight are done. Records of the model that is being loaded wait; those of other models do not. A model that is not loaded is still found and checked when the job starts. Subtasks of a TaskManager share a model that they have loaded. By default all models are loaded when the job starts.");

  /** {@code cross-encoder.models.max-size}. */
  public static final ConfigOption<MemorySize> MODELS_MAX_SIZE =
      ConfigOptions.key("cross-encoder.models.max-size")
          .memoryType()
          .noDefaultValue()
          .withDescription(
              "As cross-encoder.models.max-loaded, the largest total size of the files of the models that a subtask keeps loaded. In memory, a model takes about the size of its files, and its batches take more. If both are set, both hold.");

  /** {@code cross-encoder.route.default}. */
  public static final ConfigOption<String> ROUTE_DEFAULT =
      ConfigOptions.key("cross-encoder.route.default")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The name of the model that scores records which name none. By default such a record becomes a failed result, unknown_model, as one does that names an unknown model.");

  /** {@code cross-encoder.model-wait}. */
  public static final ConfigOption<Duration> MODEL_WAIT =
      ConfigOptions.key("cross-encoder.model-wait")
          .durationType()
          .defaultValue(Duration.ofMinutes(2))
          .withDeprecatedKeys("cross-encoder.model.wait")
          .withDescription(
              "How long a starting task retries to get a model that is temporarily unavailable: a folder that is missing or cannot be read, a hub that cannot be reached, a full disk. After that the job ends, without restarts, and names the model and the TaskManager's host. Set it above the longest delay of a mount or outage of the hub at the start of a TaskManager. With 0 there is one attempt. At most 1 d.");

  /** {@code cross-encoder.precision}. */
  public static final ConfigOption<PrecisionChoice> PRECISION =
      ConfigOptions.key("cross-encoder.precision")
          .enumType(PrecisionChoice.class)
          .defaultValue(PrecisionChoice.MODEL)
          .withDescription(
              "The precision of weights and computation. 'model' uses a bundle as it is, and compiles a checkpoint to fp32. With another value, a checkpoint is compiled to that precision, and a bundle of another one is refused. int8 is about twice as fast as fp32 on a CPU, with scores close to those of fp32. fp16 and bf16 are for GPUs.");

  /** {@code cross-encoder.activation}. */
  public static final ConfigOption<ActivationChoice> ACTIVATION =
      ConfigOptions.key("cross-encoder.activation")
          .enumType(ActivationChoice.class)
          .defaultValue(ActivationChoice.AUTO)
          .withDescription(
              "The function that turns logits into scores. 'model' is the model's own and gives the scores of sentence-transformers. 'auto' is the same, but a bundle that was calibrated gives its probabilities. Choose softmax to read an NLI model's scores as probabilities, sigmoid to get 0 to 1 from a ranking model that returns logits, and identity for the logits themselves. Also choose one for a model whose configuration names a custom class. The other values are the PyTorch classes of these names. The activations that compare labels (softmax, log-softmax, softmin) need a model with several labels.");

  /** {@code cross-encoder.max-length}. */
  public static final ConfigOption<Integer> MAX_LENGTH =
      ConfigOptions.key("cross-encoder.max-length")
          .intType()
          .noDefaultValue()
          .withDescription(
              "The largest number of tokens of a pair, special tokens included. Longer pairs are truncated. By default the limit of the model. A lower value is faster, because the cost grows with every token, but ignores the ends of long texts.");

  /** {@code cross-encoder.truncation}. */
  public static final ConfigOption<TruncationChoice> TRUNCATION =
      ConfigOptions.key("cross-encoder.truncation")
          .enumType(TruncationChoice.class)
          .defaultValue(TruncationChoice.LONGEST_FIRST)
          .withDescription(
              "Which text is shortened when a pair has too many tokens. 'longest_first' shortens the longer text and then both, as sentence-transformers does. 'only_second' keeps the first text, a query or premise, whole. 'only_first' keeps the second text whole, as transformers' zero-shot pipeline does; it is the default of a classification. If nothing would remain of the text that may be shortened, the pair becomes a failed result, pair_too_long.");

  /** {@code cross-encoder.prompt}. */
  public static final ConfigOption<String> PROMPT =
      ConfigOptions.key("cross-encoder.prompt")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "A text that is put before each first text, such as an instruction, instead of the model's own prompt. It is part of the text, including spaces at its end. By default the model's default prompt, which few models have; an empty value disables that prompt. Set it only for a model that was trained with it.");

  /** {@code cross-encoder.prompt-name}. */
  public static final ConfigOption<String> PROMPT_NAME =
      ConfigOptions.key("cross-encoder.prompt-name")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The name of one of the model's own prompts, as 'inspect' lists them, that is put before each first text. By default the prompt that the model names as its default. Cannot be combined with cross-encoder.prompt.");

  /** {@code cross-encoder.top-n}. */
  public static final ConfigOption<Integer> TOP_N =
      ConfigOptions.key("cross-encoder.top-n")
          .intType()
          .noDefaultValue()
          .withDescription(
              "How many documents of a ranked record are results: the best ones. By default all. All documents are scored in any case.");

  /** {@code cross-encoder.min-score}. */
  public static final ConfigOption<Float> MIN_SCORE =
      ConfigOptions.key("cross-encoder.min-score")
          .floatType()
          .noDefaultValue()
          .withDescription(
              "The smallest score, after the activation, of a result. Of a ranked record, documents with a lower score are left out, and the record is emitted even if no document is left. A record with a pair is dropped if its score is lower, and counted by the metric recordsFiltered. By default nothing is left out.");

  /** {@code cross-encoder.label-threshold}. */
  public static final ConfigOption<List<String>> LABEL_THRESHOLD =
      ConfigOptions.key("cross-encoder.label-threshold")
          .stringType()
          .asList()
          .noDefaultValue()
          .withDescription(
              "Labels with the smallest score, after the activation, that a result needs, such as 'entailment=0.9;contradiction=0.8'. A record is dropped if none of these labels reaches its threshold, whatever other labels do, and counted by the metric recordsFiltered. For a model with several labels and for classification, where a record with labels of its own needs one of these. Thresholds of probabilities need an activation that gives them, such as softmax, or a calibrated bundle. By default nothing is dropped.");

  /** {@code cross-encoder.max-documents}. */
  public static final ConfigOption<Integer> MAX_DOCUMENTS =
      ConfigOptions.key("cross-encoder.max-documents")
          .intType()
          .defaultValue(10_000)
          .withDescription(
              "The largest number of documents of a ranked record, and of labels that a record has of its own. A record with more becomes a failed result, too_many_documents or invalid_labels. The texts of all records in flight are in memory: at most cross-encoder.capacity records with this number of documents.");

  /** {@code cross-encoder.classify.labels}. */
  public static final ConfigOption<List<String>> CLASSIFY_LABELS =
      ConfigOptions.key("cross-encoder.classify.labels")
          .stringType()
          .asList()
          .noDefaultValue()
          .withDescription(
              "The labels that a text can get, separated by semicolons, such as 'delivery;billing'; a label that contains a semicolon is put in single quotes. If it is set, the Kafka job, score and SQL classify texts with an NLI model instead of scoring pairs. In the Kafka job and score, a single value that begins with a slash is the JSON Pointer of an array in the record, which has the record's own labels.");

  /** {@code cross-encoder.classify.template}. */
  public static final ConfigOption<String> CLASSIFY_TEMPLATE =
      ConfigOptions.key("cross-encoder.classify.template")
          .stringType()
          .defaultValue(ClassifyOptions.DEFAULT.template())
          .withDescription(
              "The sentence whose truth the model judges for each label. {} stands for the label and must occur once. A sentence that fits the texts and the labels, such as 'The customer writes about {}.', often raises the accuracy. Write it in the language of the texts.");

  /** {@code cross-encoder.classify.multi-label}. */
  public static final ConfigOption<Boolean> CLASSIFY_MULTI_LABEL =
      ConfigOptions.key("cross-encoder.classify.multi-label")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Whether several labels of a text can be true. If not, the scores of all labels add up to 1. If so, the score of each label is independent of the others: entailment against contradiction.");

  /** {@code cross-encoder.classify.entailment-label}. */
  public static final ConfigOption<String> CLASSIFY_ENTAILMENT_LABEL =
      ConfigOptions.key("cross-encoder.classify.entailment-label")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The label of the model that means entailment, as 'inspect' lists the model's labels. By default the one whose name begins with 'entail'. Set it for a model whose labels are named otherwise, such as LABEL_2.");

  /** {@code cross-encoder.long-document}. */
  public static final ConfigOption<LongDocument> LONG_DOCUMENT =
      ConfigOptions.key("cross-encoder.long-document")
          .enumType(LongDocument.class)
          .defaultValue(LongDocument.TRUNCATE)
          .withDescription(
              "What happens to a text that does not fit. 'truncate' reads its beginning. 'chunk' divides it into chunks, scores each, and names the best one in the result: the second text (a passage) for a model with one label, the first text (a premise) for a model with several labels. The cost grows with the number of chunks. A text that fits costs the same with both.");

  /** {@code cross-encoder.chunk.tokens}. */
  public static final ConfigOption<Integer> CHUNK_TOKENS =
      ConfigOptions.key("cross-encoder.chunk.tokens")
          .intType()
          .noDefaultValue()
          .withDescription(
              "The largest number of tokens of a chunk, not counting special tokens and the other text. By default what fits beside the other text, of which at most half of the tokens of a pair are kept. Lower it for a model that was trained with short passages. At least 8.");

  /** {@code cross-encoder.chunk.overlap}. */
  public static final ConfigOption<Integer> CHUNK_OVERLAP =
      ConfigOptions.key("cross-encoder.chunk.overlap")
          .intType()
          .defaultValue(Chunking.DEFAULT_OVERLAP)
          .withDescription(
              "The largest number of tokens that a chunk repeats of the one before it, so that a sentence is not separated from its context. A chunk begins with the earliest sentence in this range, else with the earliest word; at most half of a chunk is repeated. With 0, nothing is repeated.");

  /** {@code cross-encoder.chunk.max}. */
  public static final ConfigOption<Integer> CHUNK_MAX =
      ConfigOptions.key("cross-encoder.chunk.max")
          .intType()
          .noDefaultValue()
          .withDescription(
              "The largest number of chunks of a text, the first ones. The rest of the text is not read, and the result has truncated: true. By default all. Set it to bound the time of a single record: a text of 10 MB has thousands of chunks.");

  /** {@code cross-encoder.chunk.score}. */
  public static final ConfigOption<ChunkScoreChoice> CHUNK_SCORE =
      ConfigOptions.key("cross-encoder.chunk.score")
          .enumType(ChunkScoreChoice.class)
          .defaultValue(ChunkScoreChoice.MAX)
          .withDescription(
              "How the scores of the chunks become the score of the text. 'max' is the score of the best chunk. 'first' scores the first chunk only. 'mean-top-3' is the mean of the best three scores and needs a model with one label. With several labels, the best chunk is the least neutral one, or else the one with the highest score of its label.");

  /** {@code cross-encoder.evidence}. */
  public static final ConfigOption<EvidenceChoice> EVIDENCE =
      ConfigOptions.key("cross-encoder.evidence")
          .enumType(EvidenceChoice.class)
          .defaultValue(EvidenceChoice.NONE)
          .withDescription(
              "What a result names as its evidence. With 'sentence', the best chunk, or a text that fits, is scored again without each of its sentences, and the sentence without which the score is lowest is named. It multiplies the cost: of a passage with ten sentences by about ten.");

  /** {@code cross-encoder.cascade.model}. */
  public static final ConfigOption<String> CASCADE_MODEL =
      ConfigOptions.key("cross-encoder.cascade.model")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "A fast model that scores everything first, so that cross-encoder.model, the main model, scores only what matters: the best cross-encoder.cascade.keep documents of a list, or the pairs about which the fast model is in doubt (cross-encoder.cascade.margin). Any name that cross-encoder.model accepts. Both models are loaded on the same device. The options of the main model do not apply to it: it has its own activation, calibration, maximum length and prompt, truncates the longest text first, and a checkpoint is compiled to fp32. It divides long texts if the main model does, and gives no evidence.");

  /** {@code cross-encoder.cascade.model-digest}. */
  public static final ConfigOption<String> CASCADE_MODEL_DIGEST =
      ConfigOptions.key("cross-encoder.cascade.model-digest")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The digest that the bundle of cross-encoder.cascade.model must have, as cross-encoder.model-digest is that of the main model.");

  /** {@code cross-encoder.cascade.keep}. */
  public static final ConfigOption<Integer> CASCADE_KEEP =
      ConfigOptions.key("cross-encoder.cascade.keep")
          .intType()
          .defaultValue(20)
          .withDescription(
              "How many documents of a list the main model scores: the best ones of cross-encoder.cascade.model. In the result they come first, by the scores of the main model; the others follow in the order of the first model. Set it to several times cross-encoder.top-n, so that the first model need not find the best documents, only their neighbourhood.");

  /** {@code cross-encoder.cascade.margin}. */
  public static final ConfigOption<Float> CASCADE_MARGIN =
      ConfigOptions.key("cross-encoder.cascade.margin")
          .floatType()
          .noDefaultValue()
          .withDescription(
              "For records with a pair: how sure cross-encoder.cascade.model must be for its answer to stand, from 0 (always) to 1. The main model scores the other pairs. With several labels, it is the difference between the probabilities of the two best labels, which are the model's scores if it gives probabilities, and otherwise the softmax of its logits. With one label, it is the distance of the score from cross-encoder.min-score, or from 0.5 if that is not set; the model must give scores from 0 to 1. Choose it on labelled pairs: the larger, the more pairs the main model scores.");

  /** {@code cross-encoder.drift.reference}. */
  public static final ConfigOption<String> DRIFT_REFERENCE =
      ConfigOptions.key("cross-encoder.drift.reference")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The distribution of scores that is expected, as 'cross-encoder evaluate --drift-reference' writes it: edges of bins and the share of each. The metric scoreDrift says how far the last scores are from it (population stability index).");

  /** {@code cross-encoder.cache.max-size}. */
  public static final ConfigOption<MemorySize> CACHE_MAX_SIZE =
      ConfigOptions.key("cross-encoder.cache.max-size")
          .memoryType()
          .defaultValue(MemorySize.ZERO)
          .withDescription(
              "The memory for scores of pairs that were scored before, such as 256 mb, for each loaded model and device, on the heap of the TaskManager. A pair with the same texts gets the same score without a forward pass, up to rounding, also while the first one is still being scored. The cache contains digests of texts, not the texts; with one label, 256 MB are about 1.3 million pairs. It may be up to half of the heap, and is empty after a restart. Subtasks that shall share a model need the same size. By default 0: nothing is cached. Set it if texts repeat: see the metrics cacheHits and cacheMisses.");

  /** {@code cross-encoder.batch.max-pairs}. */
  public static final ConfigOption<Integer> BATCH_MAX_PAIRS =
      ConfigOptions.key("cross-encoder.batch.max-pairs")
          .intType()
          .noDefaultValue()
          .withDescription(
              "The largest number of pairs in one forward pass. By default 32 on a CPU, and on a GPU 256 or half of cross-encoder.capacity, whichever is less; set that to 512 or more on a GPU. The limit matters for short pairs; otherwise cross-encoder.batch.max-tokens is reached first. The defaults for GPUs are not measured: raise both limits until throughput stops growing.");

  /** {@code cross-encoder.batch.max-tokens}. */
  public static final ConfigOption<Integer> BATCH_MAX_TOKENS =
      ConfigOptions.key("cross-encoder.batch.max-tokens")
          .intType()
          .noDefaultValue()
          .withDescription(
              "The largest number of tokens in one forward pass. A longer pair is scored alone. By default 1024 on a CPU and 16384 on a GPU. On CPUs, where each core runs its own forward pass, 700 to 1000 are best: with 4096, two cores scored a tenth fewer pairs per second and used more memory. On GPUs, raise it until throughput stops growing, and lower it when the device runs out of memory.");

  /** {@code cross-encoder.batch.linger}. */
  public static final ConfigOption<Duration> BATCH_LINGER =
      ConfigOptions.key("cross-encoder.batch.linger")
          .durationType()
          .defaultValue(Duration.ZERO)
          .withDescription(
              "How long an idle device waits for a fuller batch. With 0 it starts at once, and batches fill while it is busy. A few milliseconds help a GPU under light load. Leave it at 0 on a CPU.");

  /** {@code cross-encoder.capacity}. */
  public static final ConfigOption<Integer> CAPACITY =
      ConfigOptions.key("cross-encoder.capacity")
          .intType()
          .defaultValue(128)
          .withDescription(
              "The largest number of records in flight per subtask. When it is reached, the source is held back. The records in flight are part of every checkpoint. It must be at least twice cross-encoder.batch.max-pairs, so that the next batch fills while one is scored; four times is better when records arrive in bursts. Set it to 1024 on a GPU with the default batch limits, if records have one pair each.");

  /** {@code cross-encoder.order}. */
  public static final ConfigOption<ResultOrder> ORDER =
      ConfigOptions.key("cross-encoder.order")
          .enumType(ResultOrder.class)
          .defaultValue(ResultOrder.ORDERED)
          .withDescription(
              "Whether results are emitted in the order of their records. With 'unordered', a long record does not delay the records behind it.");

  /** {@code cross-encoder.timeout}. */
  public static final ConfigOption<Duration> TIMEOUT =
      ConfigOptions.key("cross-encoder.timeout")
          .durationType()
          .defaultValue(Duration.ofMinutes(5))
          .withDescription(
              "The longest time from a record's arrival in the operator to its score, waiting included. It protects against a device that hangs and is not a latency target: keep it far above capacity divided by throughput. At least 10 s.");

  /** {@code cross-encoder.on-timeout}. */
  public static final ConfigOption<TimeoutAction> ON_TIMEOUT =
      ConfigOptions.key("cross-encoder.on-timeout")
          .enumType(TimeoutAction.class)
          .defaultValue(TimeoutAction.FAIL)
          .withDescription(
              "What happens on a timeout. 'fail' restarts the job from its checkpoint and loses nothing. With 'dead-letter', records that are valid become failures because a device paused.");

  /** {@code cross-encoder.device}. */
  public static final ConfigOption<String> DEVICE =
      ConfigOptions.key("cross-encoder.device")
          .stringType()
          .defaultValue("auto")
          .withDescription(
              "The device to score on. 'auto' takes the least used of the TaskManager's external resources named by cross-encoder.device-resource, or the CPU if there are none. 'cpu' is the CPU; 'gpu0', 'gpu1', … is that GPU.");

  /** {@code cross-encoder.device-resource}. */
  public static final ConfigOption<String> DEVICE_RESOURCE =
      ConfigOptions.key("cross-encoder.device-resource")
          .stringType()
          .defaultValue("gpu")
          .withDeprecatedKeys("cross-encoder.device.resource")
          .withDescription(
              "The name under which external-resources lists the GPUs of a TaskManager. Change it only if the cluster's configuration uses another name.");

  /** {@code cross-encoder.cpu.threads}. */
  public static final ConfigOption<Integer> CPU_THREADS =
      ConfigOptions.key("cross-encoder.cpu.threads")
          .intType()
          .noDefaultValue()
          .withDescription(
              "The number of cores that each slot uses to score on a CPU. By default the cores of the machine divided by the TaskManager's slots. While enough pairs wait, this number of forward passes runs in parallel, each on one core; a lone pair uses all free cores. Lower it if other work needs cores or if memory is short: each pass needs memory for its activations.");

  /** {@code cross-encoder.tokenizer-threads}. */
  public static final ConfigOption<Integer> TOKENIZER_THREADS =
      ConfigOptions.key("cross-encoder.tokenizer-threads")
          .intType()
          .noDefaultValue()
          .withDescription(
              "The number of threads that tokenize texts for a model on a device; the largest number counts if subtasks that share the model have different ones. By default half of the cores of the slots that use the model, at least 1 and at most 4. They work only as far ahead as the next batches need. Raise it for a GPU that waits for tokens: batches that are not full while records wait. One thread tokenizes some 5,500 pairs per second of 60 words natively, and more than ten times as many in Java, which does most texts of BERT, RoBERTa, BART and DeBERTa v1.");

  /** {@code cross-encoder.allow-slow}. */
  public static final ConfigOption<Boolean> ALLOW_SLOW =
      ConfigOptions.key("cross-encoder.allow-slow")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Whether a CPU may score with a bundle of half precision (fp16, bf16), which is several times slower than fp32. Such bundles are made for GPUs. Allow it to try out a job without a GPU.");

  private CrossEncoderFunctionOptions() {}

  /** All options, in the order in which they are documented. */
  public static List<ConfigOption<?>> all() {
    return List.of(
        MODEL,
        MODEL_DIGEST,
        MODELS,
        MODELS_MAX_LOADED,
        MODELS_MAX_SIZE,
        ROUTE_DEFAULT,
        MODEL_WAIT,
        PRECISION,
        ACTIVATION,
        MAX_LENGTH,
        TRUNCATION,
        PROMPT,
        PROMPT_NAME,
        TOP_N,
        MIN_SCORE,
        LABEL_THRESHOLD,
        MAX_DOCUMENTS,
        CLASSIFY_LABELS,
        CLASSIFY_TEMPLATE,
        CLASSIFY_MULTI_LABEL,
        CLASSIFY_ENTAILMENT_LABEL,
        LONG_DOCUMENT,
        CHUNK_TOKENS,
        CHUNK_OVERLAP,
        CHUNK_MAX,
        CHUNK_SCORE,
        EVIDENCE,
        CASCADE_MODEL,
        CASCADE_MODEL_DIGEST,
        CASCADE_KEEP,
        CASCADE_MARGIN,
        DRIFT_REFERENCE,
        CACHE_MAX_SIZE,
        BATCH_MAX_PAIRS,
        BATCH_MAX_TOKENS,
        BATCH_LINGER,
        CAPACITY,
        ORDER,
        TIMEOUT,
        ON_TIMEOUT,
        DEVICE,
        DEVICE_RESOURCE,
        CPU_THREADS,
        TOKENIZER_THREADS,
        ALLOW_SLOW);
  }

  /** Returns the keys that an option is answered by: its own, and those that it had before. */
  public static List<String> keys(ConfigOption<?> option) {
    List<String> keys = new ArrayList<>(List.of(option.key()));
    option.fallbackKeys().forEach(fallback -> keys.add(fallback.getKey()));
    return keys;
  }

  /**
   * Returns an option's value, or its default.
   *
   * @throws InvalidOptionException if the value cannot be parsed, naming the key and what is
   *     allowed
   */
  public static <T> T read(ReadableConfig config, ConfigOption<T> option) {
    try {
      return config.get(option);
    } catch (IllegalArgumentException e) {
      if (option.defaultValue() instanceof Enum<?> choice) {
        throw new InvalidOptionException(option, text(config, option), oneOf(choice));
      }
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new InvalidOptionException(
          option,
          "%s. It cannot be read: %s".formatted(text(config, option), reason.getMessage()),
          e);
    }
  }

  /** The value as the user wrote it. */
  private static String text(ReadableConfig config, ConfigOption<?> option) {
    return keys(option).stream()
        .map(key -> config.get(ConfigOptions.key(key).stringType().noDefaultValue()))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private static String oneOf(Enum<?> choice) {
    return Arrays.stream(choice.getDeclaringClass().getEnumConstants())
        .map(Object::toString)
        .collect(Collectors.joining(", ", "It must be one of ", "."));
  }

  /** Values of {@link #ACTIVATION}: the model's own, or an {@link Activation}. */
  public enum ActivationChoice {
    /** The calibration of the bundle; without one, the checkpoint's own activation. */
    AUTO(null),
    /** The checkpoint's own. */
    MODEL(null),
    /** {@link Activation#IDENTITY}. */
    IDENTITY(Activation.IDENTITY),
    /** {@link Activation#SIGMOID}. */
    SIGMOID(Activation.SIGMOID),
    /** {@link Activation#SOFTMAX}. */
    SOFTMAX(Activation.SOFTMAX),
    /** {@link Activation#LOG_SOFTMAX}. */
    LOG_SOFTMAX(Activation.LOG_SOFTMAX),
    /** {@link Activation#SOFTMIN}. */
    SOFTMIN(Activation.SOFTMIN),
    /** {@link Activation#TANH}. */
    TANH(Activation.TANH),
    /** {@link Activation#RELU}. */
    RELU(Activation.RELU),
    /** {@link Activation#RELU6}. */
    RELU6(Activation.RELU6),
    /** {@link Activation#LEAKY_RELU}. */
    LEAKY_RELU(Activation.LEAKY_RELU),
    /** {@link Activation#PRELU}. */
    PRELU(Activation.PRELU),
    /** {@link Activation#ELU}. */
    ELU(Activation.ELU),
    /** {@link Activation#CELU}. */
    CELU(Activation.CELU),
    /** {@link Activation#SELU}. */
    SELU(Activation.SELU),
    /** {@link Activation#GELU}. */
    GELU(Activation.GELU),
    /** {@link Activation#SILU}. */
    SILU(Activation.SILU),
    /** {@link Activation#MISH}. */
    MISH(Activation.MISH),
    /** {@link Activation#SOFTPLUS}. */
    SOFTPLUS(Activation.SOFTPLUS),
    /** {@link Activation#SOFTSIGN}. */
    SOFTSIGN(Activation.SOFTSIGN),
    /** {@link Activation#SOFTSHRINK}. */
    SOFTSHRINK(Activation.SOFTSHRINK),
    /** {@link Activation#HARDSHRINK}. */
    HARDSHRINK(Activation.HARDSHRINK),
    /** {@link Activation#TANHSHRINK}. */
    TANHSHRINK(Activation.TANHSHRINK),
    /** {@link Activation#HARDTANH}. */
    HARDTANH(Activation.HARDTANH),
    /** {@link Activation#HARDSIGMOID}. */
    HARDSIGMOID(Activation.HARDSIGMOID),
    /** {@link Activation#HARDSWISH}. */
    HARDSWISH(Activation.HARDSWISH),
    /** {@link Activation#LOG_SIGMOID}. */
    LOG_SIGMOID(Activation.LOG_SIGMOID);

    private final Activation activation;

    ActivationChoice(Activation activation) {
      this.activation = activation;
    }

    /** Returns options with this choice. */
    CrossEncoderOptions apply(CrossEncoderOptions options) {
      if (activation != null) {
        return options.withActivation(activation);
      }
      return this == MODEL ? options.withoutCalibration() : options;
    }

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Values of {@link #PRECISION}. */
  public enum PrecisionChoice {
    /** That of a bundle, and {@link Precision#FP32} for a checkpoint. */
    MODEL(null),
    /** {@link Precision#FP32}. */
    FP32(Precision.FP32),
    /** {@link Precision#INT8}. */
    INT8(Precision.INT8),
    /** {@link Precision#FP16}. */
    FP16(Precision.FP16),
    /** {@link Precision#BF16}. */
    BF16(Precision.BF16);

    private final Precision precision;

    PrecisionChoice(Precision precision) {
      this.precision = precision;
    }

    /** The precision, or null for the model's own. */
    public Precision precision() {
      return precision;
    }

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Values of {@link #TRUNCATION}. */
  public enum TruncationChoice {
    /** {@link Truncation#LONGEST_FIRST}. */
    LONGEST_FIRST(Truncation.LONGEST_FIRST),
    /** {@link Truncation#ONLY_SECOND}. */
    ONLY_SECOND(Truncation.ONLY_SECOND),
    /** {@link Truncation#ONLY_FIRST}. */
    ONLY_FIRST(Truncation.ONLY_FIRST);

    private final Truncation truncation;

    TruncationChoice(Truncation truncation) {
      this.truncation = truncation;
    }

    /** The truncation. */
    Truncation truncation() {
      return truncation;
    }

    /** The value in configurations, as the tokenizers have it. */
    @Override
    public String toString() {
      return truncation.key();
    }
  }

  /** Values of {@link #LONG_DOCUMENT}. */
  public enum LongDocument {
    /** The beginning of a text that does not fit is read. */
    TRUNCATE,
    /** A text that does not fit is divided into chunks. */
    CHUNK;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Values of {@link #CHUNK_SCORE}. */
  public enum ChunkScoreChoice {
    /** {@link ChunkScore#MAX}. */
    MAX(ChunkScore.MAX),
    /** {@link ChunkScore#FIRST}. */
    FIRST(ChunkScore.FIRST),
    /** {@link ChunkScore#MEAN_TOP_3}. */
    MEAN_TOP_3(ChunkScore.MEAN_TOP_3);

    private final ChunkScore score;

    ChunkScoreChoice(ChunkScore score) {
      this.score = score;
    }

    ChunkScore score() {
      return score;
    }

    /** The value in configurations. */
    @Override
    public String toString() {
      return score.key();
    }
  }

  /** Values of {@link #EVIDENCE}. */
  public enum EvidenceChoice {
    /** {@link Evidence#NONE}. */
    NONE(Evidence.NONE),
    /** {@link Evidence#SENTENCE}. */
    SENTENCE(Evidence.SENTENCE);

    private final Evidence evidence;

    EvidenceChoice(Evidence evidence) {
      this.evidence = evidence;
    }

    Evidence evidence() {
      return evidence;
    }

    /** The value in configurations. */
    @Override
    public String toString() {
      return evidence.key();
    }
  }

  /** Values of {@link #ORDER}. */
  public enum ResultOrder {
    /** Results leave in the order of their records. */
    ORDERED,
    /** Results leave as they are ready, between watermarks. */
    UNORDERED;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Values of {@link #ON_TIMEOUT}. */
  public enum TimeoutAction {
    /** The task fails, and the job restarts from its checkpoint. */
    FAIL,
    /** The record becomes a result with a failure. */
    DEAD_LETTER;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
