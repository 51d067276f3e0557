package dev.crossencoder.model.compiler;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelNotFoundException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.bundle.GoldenPairs;
import dev.crossencoder.model.bundle.InputForm;
import dev.crossencoder.model.bundle.ModelActivation;
import dev.crossencoder.model.compiler.architecture.Architecture;
import dev.crossencoder.model.compiler.architecture.Architectures;
import dev.crossencoder.model.compiler.checkpoint.Adapters;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.checkpoint.HeadModules;
import dev.crossencoder.model.compiler.checkpoint.SentenceTransformersConfig;
import dev.crossencoder.model.compiler.onnx.OnnxCompiler;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.compiler.tokenizer.CheckpointTokenizer;
import dev.crossencoder.model.compiler.torchscript.TorchScriptArchive;
import dev.crossencoder.model.io.Digests;
import dev.crossencoder.model.io.Folders;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.io.UnicodeText;
import dev.crossencoder.model.tokenizer.PairTemplate;
import dev.crossencoder.model.tokenizer.TextTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Compiles a checkpoint folder in Hugging Face layout into a bundle. {@code config.json} and {@code
 * model.safetensors}, or its shards, become a program; the tokenizer's files become {@code
 * tokenizer.json}. Owned by one thread.
 *
 * <p>Equal checkpoints give equal bytes. A checkpoint is data: no pickle and no code in it is ever
 * loaded.
 */
public final class BundleBuilder {
  /**
   * The version of the compiler's output. It must be incremented when the same checkpoint gives
   * other bytes, so that caches compile it again.
   */
  public static final int COMPILER_VERSION = 6;

  private final Path checkpoint;
  private String name;
  private String source;
  private Optional<String> revision = Optional.empty();
  private Optional<Activation> activation = Optional.empty();
  private OptionalInt maxLength = OptionalInt.empty();
  private Optional<List<String>> chosenLabels = Optional.empty();
  private Optional<Precision> precision = Optional.empty();
  private Optional<Engine> engine = Optional.empty();
  private Optional<String> onnxFile = Optional.empty();
  private boolean activationChosenLater;

  private BundleBuilder(Path checkpoint) {
    this.checkpoint = checkpoint;
    Path folderName = checkpoint.toAbsolutePath().normalize().getFileName();
    this.name = folderName == null ? "model" : folderName.toString();
    this.source = name;
  }

  /** Creates a builder. The folder's name is the default name of the model. */
  public static BundleBuilder fromCheckpoint(Path checkpoint) {
    return new BundleBuilder(checkpoint);
  }

  /** Sets the name of the model, which results carry. */
  public BundleBuilder name(String newName) {
    this.name = newName;
    return this;
  }

  /** Sets the origin of the checkpoint, for the manifest. */
  public BundleBuilder source(String newSource) {
    this.source = newSource;
    return this;
  }

  /** Sets the version of the source. The default is the digest of the checkpoint's files. */
  public BundleBuilder revision(String newRevision) {
    this.revision = Optional.of(newRevision);
    return this;
  }

  /** Sets an activation instead of the checkpoint's own. */
  public BundleBuilder activation(Activation newActivation) {
    this.activation = Optional.of(newActivation);
    return this;
  }

  /**
   * Allows a bundle whose activation is unknown or gives all pairs the same score. Whoever opens it
   * must choose another activation.
   */
  public BundleBuilder activationChosenLater() {
    this.activationChosenLater = true;
    return this;
  }

  /** Sets a smaller maximum length than the checkpoint's, in tokens. */
  public BundleBuilder maxLength(int newMaxLength) {
    this.maxLength = OptionalInt.of(newMaxLength);
    return this;
  }

  /**
   * Sets the names of the labels, in the order of the logits. Many checkpoints name theirs {@code
   * LABEL_0}, {@code LABEL_1}, …
   *
   * @throws IllegalArgumentException if two labels are equal, or one is empty or has a lone
   *     surrogate
   */
  public BundleBuilder labels(List<String> newLabels) {
    for (String label : newLabels) {
      if (label.isBlank() || !UnicodeText.isWellFormed(label)) {
        throw new IllegalArgumentException(
            "Invalid labels: %s. None may be empty or contain a lone surrogate."
                .formatted(newLabels));
      }
    }
    if (newLabels.stream().distinct().count() != newLabels.size()) {
      throw new IllegalArgumentException(
          "Invalid labels: %s. They must differ: each one is the key of a score."
              .formatted(newLabels));
    }
    this.chosenLabels = Optional.of(List.copyOf(newLabels));
    return this;
  }

  /** Sets the number format of the weights and of the computation; default {@code FP32}. */
  public BundleBuilder precision(Precision newPrecision) {
    this.precision = Optional.of(newPrecision);
    return this;
  }

  /**
   * Sets the engine. The default is {@link Engine#ONNXRUNTIME} for {@link Precision#INT8}, else
   * {@link Engine#PYTORCH}.
   */
  public BundleBuilder engine(Engine newEngine) {
    this.engine = Optional.of(newEngine);
    return this;
  }

  /**
   * Uses an ONNX model file of the checkpoint as the program, unchanged, for {@link
   * Engine#ONNXRUNTIME}. The weights of the checkpoint are not compiled then.
   *
   * @param newOnnxFile the path of the file in the checkpoint, such as {@code onnx/model_O3.onnx}
   */
  public BundleBuilder onnxFile(String newOnnxFile) {
    this.onnxFile = Optional.of(newOnnxFile);
    return this;
  }

  /**
   * Compiles the checkpoint and writes the bundle. The bundle folder appears in one atomic step. It
   * has a copy of the checkpoint's {@link GoldenPairs}, if there are some, whatever the precision.
   *
   * @param folder the bundle folder, which must not exist
   * @throws ModelNotFoundException if there is no such checkpoint folder
   * @throws InvalidModelException if the checkpoint is damaged or not supported, or its activation
   *     cannot score and no other was set
   * @throws IllegalArgumentException if a setting does not fit the checkpoint
   * @throws FileAlreadyExistsException if the bundle folder exists
   */
  public Bundle build(Path folder) throws IOException {
    if (!Files.isDirectory(checkpoint)) {
      throw new ModelNotFoundException(
          "Cannot find the checkpoint %s, there is no such folder.".formatted(checkpoint));
    }
    Folders.createBundle(folder, this::writeTo);
    return Bundle.read(folder);
  }

  private void writeTo(Path folder) throws IOException {
    Adapters.refuse(checkpoint);
    CheckpointConfig declared = CheckpointConfig.read(checkpoint.resolve(CheckpointConfig.FILE));
    SentenceTransformersConfig published = SentenceTransformersConfig.read(checkpoint);
    Architecture encoder = Architectures.of(declared);
    CheckpointConfig config = declared.completed(encoder.aliases(), encoder.defaults());
    Architecture architecture = published.head().map(encoder::withHead).orElse(encoder);
    ProgramFiles program = writeProgram(config, architecture, published.head(), folder);
    CheckpointTokenizer checkpointTokenizer = CheckpointTokenizer.read(checkpoint, config.root());
    JsonNode tokenizer = checkpointTokenizer.json(architecture.segments(config));
    PairTemplate template = PairTemplate.parse(tokenizer);
    checkVocabulary(tokenizer, template, config.dimension("vocab_size"));
    checkSegments(template, architecture.segments(config));
    architecture.checkTemplate(config, template);
    String tokenizerJson = JsonFiles.MAPPER.writeValueAsString(tokenizer);
    if (!UnicodeText.isWellFormed(tokenizerJson)) {
      throw new InvalidModelException(
          "Cannot use the tokenizer of %s, one of its pieces or tokens contains a lone surrogate, which UTF-8 cannot encode."
              .formatted(checkpoint));
    }
    TextTokenizer.load(tokenizerJson).close();
    Files.writeString(folder.resolve(Bundle.TOKENIZER), tokenizerJson);

    List<String> labels = chosenLabels(architecture.labels(config));
    BundleManifest manifest =
        new BundleManifest(
            name,
            source,
            revision.isPresent() ? revision.get() : contentRevision(),
            architecture.name(),
            labels,
            manifestActivation(config, published, labels.size()),
            published.prompts(),
            readLength(
                config,
                architecture,
                template,
                published.maxLength().isInt()
                    ? published.maxLength()
                    : checkpointTokenizer.declaredLength()),
            architecture.positionOffset(config),
            program.dtype(),
            program.engine().key(),
            program.inputs(),
            digests(folder, program));
    Files.write(folder.resolve(BundleManifest.FILE), manifest.toJson());
    copyGoldenPairs(folder);
  }

  private void copyGoldenPairs(Path folder) throws IOException {
    Path golden = checkpoint.resolve(GoldenPairs.FILE);
    if (Files.isRegularFile(golden)) {
      Files.copy(golden, folder.resolve(GoldenPairs.FILE));
    }
  }

  private List<String> chosenLabels(List<String> own) {
    if (chosenLabels.isPresent() && chosenLabels.get().size() != own.size()) {
      throw new IllegalArgumentException(
          "Invalid labels: %s. The checkpoint %s has %d, so give as many, in the order of %s."
              .formatted(
                  String.join(", ", chosenLabels.get()),
                  checkpoint,
                  own.size(),
                  String.join(", ", own)));
    }
    return chosenLabels.orElse(own);
  }

  private ModelActivation manifestActivation(
      CheckpointConfig config, SentenceTransformersConfig published, int labels) {
    if (activation.isPresent()) {
      if (ModelActivation.isConstant(activation.get(), labels)) {
        throw new IllegalArgumentException(ModelActivation.constant(name, activation.get()));
      }
      return ModelActivation.of(activation.get());
    }
    ModelActivation own = published.activation().orElseGet(() -> config.activation(labels));
    if (!activationChosenLater) {
      own.require(name, labels);
    }
    return own;
  }

  private static Map<String, String> digests(Path folder, ProgramFiles program) throws IOException {
    Map<String, String> digests = new TreeMap<>();
    for (String file : program.names()) {
      digests.put(file, Digests.ofFile(folder.resolve(file)));
    }
    digests.put(Bundle.TOKENIZER, Digests.ofFile(folder.resolve(Bundle.TOKENIZER)));
    return digests;
  }

  private Engine chosenEngine() {
    Precision chosen = precision.orElse(Precision.FP32);
    Engine runs = engine.orElse(chosen == Precision.INT8 ? Engine.ONNXRUNTIME : Engine.PYTORCH);
    if (!runs.supports(chosen)) {
      throw new IllegalArgumentException(
          "Invalid precision: %s. The engine %s computes with %s."
              .formatted(
                  chosen.key(),
                  runs.key(),
                  Arrays.stream(Precision.values())
                      .filter(runs::supports)
                      .map(Precision::key)
                      .collect(Collectors.joining(", "))));
    }
    return runs;
  }

  private ProgramFiles copyProgram(CheckpointConfig config, Architecture architecture, Path folder)
      throws IOException {
    if (precision.isPresent() || engine.orElse(Engine.ONNXRUNTIME) != Engine.ONNXRUNTIME) {
      throw new IllegalArgumentException(
          "Invalid ONNX file: %s. It runs on onnxruntime with the precision that it has: give neither another engine nor a precision."
              .formatted(onnxFile.get()));
    }
    return OnnxModelFile.read(checkpoint.resolve(onnxFile.get()))
        .copyTo(folder, architecture.labels(config).size(), architecture.segments(config));
  }

  private ProgramFiles writeProgram(
      CheckpointConfig config, Architecture architecture, Optional<HeadModules> head, Path folder)
      throws IOException {
    if (onnxFile.isPresent()) {
      return copyProgram(config, architecture, folder);
    }
    Engine runs = chosenEngine();
    Precision chosen = precision.orElse(Precision.FP32);
    try (CheckpointTensors tensors = CheckpointTensors.open(checkpoint)) {
      if (head.isPresent()) {
        head.get().addWeights(checkpoint, tensors);
      }
      ProgramModule module = Architectures.module(architecture, config, tensors);
      if (runs == Engine.ONNXRUNTIME) {
        OnnxCompiler.write(architecture.onnxProgram(), module, chosen, folder);
        return new ProgramFiles(
            runs, InputForm.PACKED, chosen.dtype(), List.of(runs.modelFile(), OnnxCompiler.DATA));
      }
      Path file = folder.resolve(runs.modelFile());
      TorchScriptArchive.write(architecture.program(), module, chosen, file);
      return new ProgramFiles(runs, InputForm.PACKED, chosen.dtype(), List.of(runs.modelFile()));
    }
  }

  /**
   * Checks that each token id has a row in the embeddings. Otherwise rare texts would fail later.
   */
  private void checkVocabulary(JsonNode tokenizer, PairTemplate template, int rows) {
    int maxId = template.maxSpecialId();
    for (JsonNode token : tokenizer.path("added_tokens")) {
      maxId = Math.max(maxId, token.path("id").asInt());
    }
    JsonNode vocabulary = tokenizer.path("model").path("vocab");
    if (vocabulary.isObject()) {
      for (JsonNode id : vocabulary) {
        maxId = Math.max(maxId, id.asInt());
      }
    } else {
      maxId = Math.max(maxId, vocabulary.size() - 1);
    }
    if (maxId >= rows) {
      throw new InvalidModelException(
          "Cannot use the tokenizer of %s, it has the token id %d, but config.json says vocab_size %d."
              .formatted(checkpoint, maxId, rows));
    }
  }

  private void checkSegments(PairTemplate template, int segments) {
    if (template.maxTypeId() >= Math.max(1, segments)) {
      throw new InvalidModelException(
          "Cannot use the tokenizer of %s, its template has the type_id %d, but config.json says type_vocab_size %d."
              .formatted(checkpoint, template.maxTypeId(), segments));
    }
  }

  /**
   * The largest number of tokens of a pair: {@code model_max_length} of the tokenizer, at most the
   * number of the model's positions.
   */
  private int readLength(
      CheckpointConfig config,
      Architecture architecture,
      PairTemplate template,
      JsonNode declared) {
    int positions = architecture.maxPositions(config) - architecture.positionOffset(config);
    // Tokenizers without a limit have 1e30.
    int length =
        declared.isNumber() && declared.doubleValue() < positions ? declared.intValue() : positions;
    int special = template.specialTokens();
    if (length <= special) {
      throw new InvalidModelException(
          "Cannot use the checkpoint %s, its model_max_length %s and its %d positions leave no room for text beside %d special tokens."
              .formatted(
                  checkpoint, declared.isMissingNode() ? "(none)" : declared, positions, special));
    }
    if (maxLength.isPresent()
        && (maxLength.getAsInt() > length || maxLength.getAsInt() <= special)) {
      throw new IllegalArgumentException(
          "Invalid max length: %d. The checkpoint %s reads from %d to %d tokens."
              .formatted(maxLength.getAsInt(), checkpoint, special + 1, length));
    }
    return maxLength.orElse(length);
  }

  /** Returns the identity of a checkpoint: a digest of all files that a bundle is compiled from. */
  public static String revision(Path checkpoint) throws IOException {
    return revision(checkpoint, CheckpointTensors.files(checkpoint));
  }

  private String contentRevision() throws IOException {
    if (onnxFile.isEmpty()) {
      return revision(checkpoint);
    }
    Path file = checkpoint.resolve(onnxFile.get());
    List<String> weights = new ArrayList<>();
    weights.add(onnxFile.get());
    for (String data : OnnxModelFile.read(file).dataFiles()) {
      weights.add(checkpoint.relativize(file.resolveSibling(data)).toString());
    }
    return revision(checkpoint, weights);
  }

  private static String revision(Path checkpoint, List<String> weights) throws IOException {
    StringBuilder digests = new StringBuilder();
    List<String> files = new ArrayList<>();
    files.add(CheckpointConfig.FILE);
    files.addAll(weights);
    files.addAll(CheckpointTokenizer.FILES);
    files.addAll(SentenceTransformersConfig.files(checkpoint));
    for (String file : files) {
      Path path = checkpoint.resolve(file);
      if (Files.exists(path)) {
        digests.append(Digests.ofFile(path)).append("  ").append(file).append('\n');
      }
    }
    return "sha256:" + Digests.ofBytes(digests.toString().getBytes(StandardCharsets.UTF_8));
  }
}
