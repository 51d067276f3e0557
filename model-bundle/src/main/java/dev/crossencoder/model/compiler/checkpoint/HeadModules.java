package dev.crossencoder.model.compiler.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.io.JsonFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * A classification head that sentence-transformers stores as separate modules: pooling, dense
 * layer, layer norm, and a dense layer as the classifier. Each module has a folder with {@code
 * config.json} and, except for the pooling, {@code model.safetensors}.
 *
 * <p>Source: {@code Pooling}, {@code Dense} and {@code LayerNorm} of sentence-transformers 5.7.
 *
 * @param pooling the pooling of the encoder's output
 * @param norm the folder of the layer norm
 */
public record HeadModules(Pooling pooling, Dense dense, String norm, Dense classifier) {
  /** The file that lists the modules. */
  static final String CHAIN = "modules.json";

  /** PyTorch's default for {@code LayerNorm}, which the module uses for every encoder. */
  public static final double NORM_EPS = 1e-5;

  private static final List<String> ENCODER_ALONE = List.of("Transformer");
  private static final List<String> ENCODER_AND_HEAD =
      List.of("Transformer", "Pooling", "Dense", "LayerNorm", "Dense");
  private static final String LIBRARY = "sentence_transformers.";
  private static final String IDENTITY = "identity";

  /** Activation functions: the class in {@code torch.nn}, and the name in the programs. */
  private static final Map<String, String> ACTIVATION_FUNCTIONS =
      Map.of("GELU", "gelu", "ReLU", "relu", "SiLU", "silu", "Tanh", "tanh", "Identity", IDENTITY);

  /** A module of the list: the simple name of its class, and its folder. */
  private record Link(String type, String folder) {}

  /**
   * How the vectors of all tokens become one vector.
   *
   * @param folder the folder of the module
   * @param mean true for the mean of all tokens, false for the first token
   */
  public record Pooling(String folder, boolean mean) {}

  /**
   * A linear layer with an activation function.
   *
   * @param folder the folder of the module
   * @param activationFunction the name in the programs
   */
  public record Dense(String folder, int outputs, boolean hasBias, String activationFunction) {}

  /**
   * Reads the head of a checkpoint folder; empty if the encoder is the only module.
   *
   * @throws InvalidModelException if the checkpoint has other modules, or a module's configuration
   *     is not supported
   */
  static Optional<HeadModules> read(Path checkpoint) {
    Path file = checkpoint.resolve(CHAIN);
    List<Link> chain = new ArrayList<>();
    for (JsonNode module : JsonFiles.readArray(file)) {
      String type = module.path("type").asText();
      chain.add(
          new Link(
              type.startsWith(LIBRARY) ? type.substring(type.lastIndexOf('.') + 1) : type,
              module.path("path").asText()));
    }
    List<String> types = chain.stream().map(Link::type).toList();
    if (!types.equals(ENCODER_ALONE) && !types.equals(ENCODER_AND_HEAD)) {
      throw new InvalidModelException(
          "Cannot compile the modules %s of %s. It must be %s, or %s alone."
              .formatted(listed(types), file, listed(ENCODER_AND_HEAD), listed(ENCODER_ALONE)));
    }
    checkFolders(file, chain);
    if (chain.size() == 1) {
      return Optional.empty();
    }
    Dense dense = dense(checkpoint, chain.get(2).folder(), "sentence_embedding");
    Dense classifier = dense(checkpoint, chain.get(4).folder(), "scores");
    if (!classifier.activationFunction().equals(IDENTITY)) {
      throw config(checkpoint, classifier.folder())
          .invalid("activation_function", "It must be torch.nn.Identity for the last module.");
    }
    return Optional.of(
        new HeadModules(
            pooling(checkpoint, chain.get(1).folder()), dense, chain.get(3).folder(), classifier));
  }

  private static String listed(List<String> types) {
    return String.join(", ", types);
  }

  private static void checkFolders(Path file, List<Link> chain) {
    if (!chain.get(0).folder().isEmpty()) {
      throw new InvalidModelException(
          "Cannot use %s, it places the Transformer into %s. It must lie in the checkpoint's folder itself."
              .formatted(file, chain.get(0).folder()));
    }
    for (Link link : chain.subList(1, chain.size())) {
      if (!CheckpointTensors.PLAIN_NAME.matcher(link.folder()).matches()) {
        throw new InvalidModelException(
            "Cannot use %s, it places the %s into \"%s\". A module's folder must be a plain name, without a path."
                .formatted(file, link.type(), link.folder()));
      }
    }
    if (chain.stream().map(Link::folder).distinct().count() != chain.size()) {
      throw new InvalidModelException(
          "Cannot use %s, it places several modules into one folder.".formatted(file));
    }
  }

  private static CheckpointConfig config(Path checkpoint, String folder) {
    return CheckpointConfig.read(checkpoint.resolve(folder).resolve(CheckpointConfig.FILE));
  }

  private static Pooling pooling(Path checkpoint, String folder) {
    CheckpointConfig config = config(checkpoint, folder);
    String key = "pooling_mode";
    List<String> modes = new ArrayList<>();
    if (config.isAbsent(key)) {
      // Before version 5.4 each mode had a key of its own. All modes that are set are concatenated.
      for (Map.Entry<String, JsonNode> field : config.root().properties()) {
        if (field.getKey().startsWith("pooling_mode_") && field.getValue().asBoolean()) {
          modes.add(field.getKey());
        }
      }
      key = modes.isEmpty() ? key : modes.get(modes.size() - 1);
    } else {
      modes.addAll(
          config.root().path(key).isArray() ? config.strings(key) : List.of(config.string(key)));
    }
    return switch (modes.isEmpty() ? "mean" : String.join("+", modes)) {
      case "cls", "pooling_mode_cls_token" -> new Pooling(folder, false);
      case "mean", "pooling_mode_mean_tokens" -> new Pooling(folder, true);
      default -> throw config.invalid(key, "The pooling must be cls or mean.");
    };
  }

  /** Reads a dense module. Its input must be the output of the module before it. */
  private static Dense dense(Path checkpoint, String folder, String output) {
    CheckpointConfig config = config(checkpoint, folder);
    String input = "sentence_embedding";
    requireName(config, "module_input_name", input, input);
    requireName(config, "module_output_name", input, output);
    return new Dense(
        folder,
        config.dimension("out_features"),
        config.flag("bias", true),
        activationFunction(config));
  }

  private static void requireName(
      CheckpointConfig config, String key, String assumed, String wanted) {
    String name = config.isAbsent(key) ? assumed : config.string(key);
    if (!name.equals(wanted)) {
      throw config.invalid(key, "It must be " + wanted + " at this place of the chain.");
    }
  }

  private static String activationFunction(CheckpointConfig config) {
    String key = "activation_function";
    if (config.isAbsent(key)) {
      return "tanh";
    }
    String name = config.string(key);
    String known = ACTIVATION_FUNCTIONS.get(name.substring(name.lastIndexOf('.') + 1));
    if (known == null || !name.startsWith("torch.nn.")) {
      throw config.invalid(
          key,
          "It must be one of PyTorch's %s."
              .formatted(String.join(", ", new TreeSet<>(ACTIVATION_FUNCTIONS.keySet()))));
    }
    return known;
  }

  /** Adds the weights of the head. Their names start with the folder of the module and a slash. */
  public void addWeights(Path checkpoint, CheckpointTensors tensors) throws IOException {
    for (String folder : folders().subList(1, 4)) {
      Path file = checkpoint.resolve(folder).resolve(CheckpointTensors.SINGLE_FILE);
      tensors.add(file, folder + "/");
    }
  }

  private List<String> folders() {
    return List.of(pooling.folder(), dense.folder(), norm, classifier.folder());
  }

  /** The paths of the modules' files, relative to the checkpoint; some need not exist. */
  List<String> files() {
    List<String> files = new ArrayList<>();
    for (String folder : folders()) {
      files.add(folder + "/" + CheckpointConfig.FILE);
      files.add(folder + "/" + CheckpointTensors.SINGLE_FILE);
    }
    return files;
  }

  /**
   * The labels in the order of the logits. The encoder's configuration may have another number of
   * labels; then they are {@code LABEL_0}, {@code LABEL_1}, …
   */
  public List<String> labels(CheckpointConfig encoder) {
    List<String> names = encoder.labels();
    return names.size() == classifier.outputs()
        ? names
        : IntStream.range(0, classifier.outputs()).mapToObj(i -> "LABEL_" + i).toList();
  }

  @Override
  public String toString() {
    return listed(ENCODER_AND_HEAD);
  }
}
