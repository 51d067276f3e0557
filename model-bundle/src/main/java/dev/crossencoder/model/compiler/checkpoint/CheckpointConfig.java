package dev.crossencoder.model.compiler.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.bundle.ModelActivation;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.io.UnicodeText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A configuration file of a checkpoint, {@code config.json} or another one. Errors name the file
 * and the key. Where a method has the parameter {@code assumed}, it is the default of transformers
 * for a missing key.
 */
public final class CheckpointConfig {
  /** The name of the file in a checkpoint folder. */
  public static final String FILE = "config.json";

  /** Larger than in any real model. It keeps sums and products of dimensions from overflowing. */
  private static final int MAX_DIMENSION = 1 << 24;

  private static final int MAX_LABELS = 1 << 16;

  /** Limits the objects that are created per layer before weights are found missing. */
  private static final int MAX_LAYERS = 1 << 10;

  /** The default number of labels of most classifiers in transformers. */
  private static final int DEFAULT_LABELS = 2;

  private static final String CLASSIFIER = "ForSequenceClassification";

  /** Activation functions: the name in configurations, and the name in the programs. */
  private static final Map<String, String> ACTIVATION_FUNCTIONS =
      Map.of(
          "gelu", "gelu",
          "gelu_python", "gelu",
          "gelu_new", "gelu_new",
          "gelu_pytorch_tanh", "gelu_pytorch_tanh",
          "relu", "relu",
          "silu", "silu",
          "swish", "silu",
          "tanh", "tanh");

  private final Path file;
  private final ObjectNode root;

  private CheckpointConfig(Path file, ObjectNode root) {
    this.file = file;
    this.root = root;
  }

  public static CheckpointConfig read(Path file) {
    return new CheckpointConfig(file, (ObjectNode) JsonFiles.readObject(file));
  }

  /**
   * Applies aliases and defaults, as transformers' configuration class does.
   *
   * @param aliases alternative keys, each with the key that it sets; an alias wins over the key
   * @param defaults the defaults by key
   */
  public CheckpointConfig completed(Map<String, String> aliases, Map<String, Integer> defaults) {
    ObjectNode complete = root.deepCopy();
    aliases.forEach(
        (alias, key) -> {
          if (root.has(alias)) {
            complete.set(key, root.get(alias));
          }
        });
    defaults.forEach(
        (key, value) -> {
          if (!complete.has(key)) {
            complete.put(key, value);
          }
        });
    return new CheckpointConfig(file, complete);
  }

  /**
   * The names of the Python classes in the checkpoint ({@code auto_map}), separated by commas;
   * empty if it has none.
   */
  public Optional<String> ownCode() {
    JsonNode map = root.path("auto_map");
    return map.isObject() && !map.isEmpty()
        ? Optional.of(
            map.properties().stream()
                .map(Map.Entry::getKey)
                .filter(key -> map.path(key).isTextual())
                .map(key -> map.path(key).textValue())
                .distinct()
                .collect(Collectors.joining(", ")))
        : Optional.empty();
  }

  /** The JSON content. */
  public JsonNode root() {
    return root;
  }

  public String modelType() {
    return string("model_type");
  }

  /** The class names in {@code architectures}; may be empty. */
  public List<String> architectures() {
    List<String> names = new ArrayList<>();
    root.path("architectures").forEach(name -> names.add(name.asText()));
    return names;
  }

  /**
   * The labels in the order of the logits. If the configuration has no labels, a checkpoint saved
   * as a classifier has two (transformers' default), and any other has one (sentence-transformers'
   * default).
   */
  public List<String> labels() {
    return labels(DEFAULT_LABELS);
  }

  /**
   * The labels in the order of the logits.
   *
   * @param assumed the default number of labels for a classifier
   */
  public List<String> labels(int assumed) {
    JsonNode id2label = root.path("id2label");
    if (isAbsent("id2label")) {
      boolean classifier = architectures().stream().anyMatch(name -> name.endsWith(CLASSIFIER));
      int assumedLabels = classifier ? assumed : 1;
      int labels = root.has("num_labels") ? positive("num_labels", MAX_LABELS) : assumedLabels;
      List<String> names = new ArrayList<>();
      for (int i = 0; i < labels; i++) {
        names.add("LABEL_" + i);
      }
      return names;
    }
    if (!id2label.isObject() || id2label.isEmpty()) {
      throw invalid("id2label", id2label, "It must map 0, 1, … to names.");
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < id2label.size(); i++) {
      JsonNode name = id2label.path(String.valueOf(i));
      if (!name.isValueNode() || name.isNull()) {
        throw invalid("id2label", id2label, "It has no name for " + i + ".");
      }
      if (!UnicodeText.isWellFormed(name.asText())) {
        throw invalid("id2label", id2label, "The name for " + i + " contains a lone surrogate.");
      }
      names.add(name.asText());
    }
    if (names.stream().distinct().count() != names.size()) {
      throw invalid(
          "id2label",
          id2label,
          "Its names must differ: each one is the key of a score. Give each label its own name.");
    }
    return names;
  }

  /**
   * The activation that sentence-transformers would use: {@code
   * sentence_transformers.activation_fn}, else {@code sbert_ce_default_activation_function}, else
   * sigmoid for one label and identity for several.
   *
   * @param labels the number of labels
   */
  public ModelActivation activation(int labels) {
    JsonNode current = root.path("sentence_transformers");
    JsonNode named =
        current.has("activation_fn")
            ? current.path("activation_fn")
            : root.path("sbert_ce_default_activation_function");
    return named(named)
        .orElse(ModelActivation.of(labels == 1 ? Activation.SIGMOID : Activation.IDENTITY));
  }

  /** Returns a required positive number. */
  public int dimension(String key) {
    return positive(key, MAX_DIMENSION);
  }

  /** Returns a positive number. */
  public int dimension(String key, int assumed) {
    return root.has(key) ? positive(key, MAX_DIMENSION) : assumed;
  }

  /** Returns the required number of layers. */
  public int layers(String key) {
    return positive(key, MAX_LAYERS);
  }

  /** Returns the number of layers. */
  public int layers(String key, int assumed) {
    return root.has(key) ? layers(key) : assumed;
  }

  /** Returns {@code max_position_embeddings}. */
  public int positions(int assumed) {
    String key = "max_position_embeddings";
    return root.has(key) ? positive(key, BundleManifest.MAX_LENGTH_LIMIT) : assumed;
  }

  private int positive(String key, int max) {
    return within(key, 1, max);
  }

  /** Returns a whole number, 0 or more. */
  public int count(String key, int assumed) {
    return root.has(key) ? within(key, 0, MAX_DIMENSION) : assumed;
  }

  /** Returns a whole number. */
  public int integer(String key, int assumed) {
    return root.has(key) ? within(key, -MAX_DIMENSION, MAX_DIMENSION) : assumed;
  }

  private int within(String key, int min, int max) {
    JsonNode node = root.path(key);
    if (!node.isInt() || node.intValue() < min || node.intValue() > max) {
      throw invalid(key, node, "It must be a whole number from " + min + " to " + max + ".");
    }
    return node.intValue();
  }

  /** Returns a number. */
  public double number(String key, double assumed) {
    JsonNode node = root.path(key);
    if (node.isMissingNode()) {
      return assumed;
    }
    if (!node.isNumber()) {
      throw invalid(key, node, "It must be a number.");
    }
    return node.doubleValue();
  }

  /** Returns a boolean; null counts as missing. */
  public boolean flag(String key, boolean assumed) {
    if (isAbsent(key)) {
      return assumed;
    }
    JsonNode node = root.path(key);
    if (!node.isBoolean()) {
      throw invalid(key, node, "It must be true or false.");
    }
    return node.booleanValue();
  }

  /** Whether the key is missing or null. */
  boolean isAbsent(String key) {
    return root.path(key).isMissingNode() || isNull(key);
  }

  public boolean isNull(String key) {
    return root.path(key).isNull();
  }

  /** Returns one of several words. The first one is the default of transformers. */
  public String oneOf(String key, String... words) {
    JsonNode node = root.path(key);
    if (node.isMissingNode()) {
      return words[0];
    }
    if (!List.of(words).contains(node.asText())) {
      throw invalid(key, node, "It must be one of " + String.join(", ", words) + ".");
    }
    return node.asText();
  }

  /** Returns the strings of an array; empty if there is no array. */
  public List<String> strings(String key) {
    List<String> strings = new ArrayList<>();
    root.path(key).forEach(element -> strings.add(element.asText()));
    return strings;
  }

  /** Returns the words of an array, or of a string separated by {@code |}, in lower case. */
  public List<String> alternatives(String key) {
    JsonNode node = root.path(key);
    if (node.isNull()) {
      return List.of();
    }
    List<String> words = node.isArray() ? strings(key) : List.of(node.asText("").split("\\|"));
    return words.stream()
        .map(word -> word.strip().toLowerCase(Locale.ROOT))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /** Returns the name of a layer's activation function in the programs; the default is gelu. */
  public String hiddenAct(String key) {
    return activationFunction(key, "gelu");
  }

  /** Returns the name of a layer's activation function in the programs. */
  public String activationFunction(String key, String assumed) {
    JsonNode node = root.path(key);
    String name = node.isMissingNode() ? assumed : node.asText();
    String known = ACTIVATION_FUNCTIONS.get(name);
    if (known == null) {
      throw invalid(
          key,
          node,
          "It must be one of %s."
              .formatted(String.join(", ", new TreeSet<>(ACTIVATION_FUNCTIONS.keySet()))));
    }
    return known;
  }

  /**
   * Returns the base (theta) of the rotary position embeddings for a type of layers.
   *
   * @param layerType the key in {@code rope_parameters}
   * @param key the key in older configurations
   * @param assumed the default of transformers if the key is missing or null
   */
  public double ropeTheta(String layerType, String key, double assumed) {
    if (!isAbsent("rope_scaling")) {
      throw unsupported("rope_scaling", "null");
    }
    JsonNode parameters = root.path("rope_parameters").path(layerType);
    if (!parameters.path("rope_type").asText("default").equals("default")) {
      throw invalid(
          "rope_parameters",
          root.path("rope_parameters"),
          "Only the rope_type default is supported.");
    }
    JsonNode theta = parameters.path("rope_theta");
    if (theta.isNumber()) {
      return theta.doubleValue();
    }
    return isAbsent(key) ? assumed : number(key, assumed);
  }

  String string(String key) {
    JsonNode node = root.path(key);
    if (!node.isTextual()) {
      throw invalid(key, node, "It must be a string.");
    }
    return node.textValue();
  }

  /** Throws if a key has another value than the supported one. It may be missing or null. */
  public void requireIfPresent(String key, String supported) {
    if (!isAbsent(key) && !root.path(key).asText().equals(supported)) {
      throw unsupported(key, supported);
    }
  }

  /** Returns the activation whose class a key names; empty if it is missing or null. */
  public Optional<ModelActivation> activation(String key) {
    return named(root.path(key));
  }

  private static Optional<ModelActivation> named(JsonNode node) {
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    String name = node.isTextual() ? node.textValue() : node.toString();
    return Optional.of(ModelActivation.ofClass(UnicodeText.wellFormed(name)));
  }

  /** The error for a value that the programs do not support. */
  public InvalidModelException unsupported(String key, String supported) {
    return invalid(
        key, root.path(key), "Only %s is supported for %s.".formatted(supported, modelType()));
  }

  /** The error for an invalid value. {@code wanted} says what the value must be. */
  public InvalidModelException invalid(String key, String wanted) {
    return invalid(key, root.path(key), wanted);
  }

  private InvalidModelException invalid(String key, JsonNode value, String wanted) {
    return new InvalidModelException(
        "Invalid %s in %s: %s. %s"
            .formatted(key, file, value.isMissingNode() ? "missing" : value, wanted));
  }
}
