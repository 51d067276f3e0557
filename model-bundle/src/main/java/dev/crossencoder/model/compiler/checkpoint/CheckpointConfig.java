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
 * A checkpoint's {@code config.json}, or one beside it, read with errors that name the file and the
 * key.
 */
public final class CheckpointConfig {
  /** The name of the file in a checkpoint folder. */
  public static final String FILE = "config.json";

  /** No real model comes near; guards sums and products of dimensions. */
  private static final int MAX_DIMENSION = 1 << 24;

  private static final int MAX_LABELS = 1 << 16;

  /** Bounds what is made for each layer before any weight is looked for. */
  private static final int MAX_LAYERS = 1 << 10;

  /** What transformers assumes for most classifiers whose configuration says nothing. */
  private static final int DEFAULT_LABELS = 2;

  private static final String CLASSIFIER = "ForSequenceClassification";

  /** What configurations call the activation functions, and what the programs do. */
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
   * Returns what transformers makes of the file: names that its class has others for stand under
   * those, and what the file does not say is what the class assumes.
   *
   * @param aliases the class's own name by another one, which goes before it
   * @param defaults by the class's names
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
   * The classes that a checkpoint brings as code of its own, as {@code auto_map} names them; empty
   * if it brings none.
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

  /** The content of the file. */
  public JsonNode root() {
    return root;
  }

  public String modelType() {
    return string("model_type");
  }

  /** The names of classes in {@code architectures}; empty if there are none. */
  public List<String> architectures() {
    List<String> names = new ArrayList<>();
    root.path("architectures").forEach(name -> names.add(name.asText()));
    return names;
  }

  /**
   * The labels in the order of the logits. Where nothing is said of them a classifier has two, as
   * transformers assumes, and what was not saved as one has one, as sentence-transformers assumes.
   */
  public List<String> labels() {
    return labels(DEFAULT_LABELS);
  }

  /**
   * The labels in the order of the logits.
   *
   * @param assumed how many transformers assumes for a classifier whose configuration says nothing
   */
  public List<String> labels(int assumed) {
    JsonNode id2label = root.path("id2label");
    if (isAbsent("id2label")) {
      boolean classifier = architectures().stream().anyMatch(name -> name.endsWith(CLASSIFIER));
      int unsaid = classifier ? assumed : 1;
      int labels = root.has("num_labels") ? positive("num_labels", MAX_LABELS) : unsaid;
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
        throw invalid("id2label", id2label, "The name for " + i + " has half a character.");
      }
      names.add(name.asText());
    }
    if (names.stream().distinct().count() != names.size()) {
      throw invalid(
          "id2label",
          id2label,
          "Its names must differ: scores are given by them. Name each label in a way of its own.");
    }
    return names;
  }

  /**
   * The activation that sentence-transformers would use: {@code
   * sentence_transformers.activation_fn}, else {@code sbert_ce_default_activation_function}, else
   * sigmoid for one label and identity for several.
   *
   * @param labels how many there are
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

  /** Returns a positive number, or what transformers assumes without one. */
  public int dimension(String key, int assumed) {
    return root.has(key) ? positive(key, MAX_DIMENSION) : assumed;
  }

  /** Returns the required number of layers. */
  public int layers(String key) {
    return positive(key, MAX_LAYERS);
  }

  /** Returns the number of layers, or what transformers assumes without one. */
  public int layers(String key, int assumed) {
    return root.has(key) ? layers(key) : assumed;
  }

  /** Returns the number of positions, or what transformers assumes without one. */
  public int positions(int assumed) {
    String key = "max_position_embeddings";
    return root.has(key) ? positive(key, BundleManifest.MAX_LENGTH_LIMIT) : assumed;
  }

  private int positive(String key, int max) {
    return within(key, 1, max);
  }

  /** Returns a number from zero up, or what transformers assumes without one. */
  public int count(String key, int assumed) {
    return root.has(key) ? within(key, 0, MAX_DIMENSION) : assumed;
  }

  /** Returns a whole number, or what transformers assumes without one. */
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

  /** Returns a number, or what transformers assumes without one. */
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

  /** Returns a truth value, or what transformers assumes without one. */
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

  /** Whether there is no such key, or null under it. */
  boolean isAbsent(String key) {
    return root.path(key).isMissingNode() || isNull(key);
  }

  public boolean isNull(String key) {
    return root.path(key).isNull();
  }

  /** Returns one of several words, of which the first is what transformers assumes without any. */
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

  /** Returns the strings of an array; none if there is no array. */
  public List<String> strings(String key) {
    List<String> strings = new ArrayList<>();
    root.path(key).forEach(element -> strings.add(element.asText()));
    return strings;
  }

  /** Returns the words of an array, or of a string with bars between them, in lower case. */
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

  /** Returns the name of an activation function inside the model; gelu without one. */
  public String hiddenAct(String key) {
    return activationFunction(key, "gelu");
  }

  /** Returns the name of an activation function inside the model, as the programs know it. */
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
   * Returns the base of the rotary positions of one kind of layer.
   *
   * @param layerType the kind's name in {@code rope_parameters}
   * @param key where older configurations have it
   * @param assumed what transformers assumes without one, or with null
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

  /**
   * Refuses a checkpoint whose key has a value other than the one that is supported; absence or
   * null is fine.
   */
  public void requireIfPresent(String key, String supported) {
    if (!isAbsent(key) && !root.path(key).asText().equals(supported)) {
      throw unsupported(key, supported);
    }
  }

  /** Returns the activation that the class under a key stands for; empty if there is none. */
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

  /** Says that the programs do not compute what a key asks for. */
  public InvalidModelException unsupported(String key, String supported) {
    return invalid(
        key, root.path(key), "Only %s is supported for %s.".formatted(supported, modelType()));
  }

  /** Says what is wanted instead of the value of a key. */
  public InvalidModelException invalid(String key, String wanted) {
    return invalid(key, root.path(key), wanted);
  }

  private InvalidModelException invalid(String key, JsonNode value, String wanted) {
    return new InvalidModelException(
        "Invalid %s in %s: %s. %s"
            .formatted(key, file, value.isMissingNode() ? "missing" : value, wanted));
  }
}
