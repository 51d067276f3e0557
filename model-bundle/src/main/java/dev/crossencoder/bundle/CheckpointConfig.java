package dev.crossencoder.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** A checkpoint's {@code config.json}, read with errors that name the file and the key. */
final class CheckpointConfig {
  /** No real model comes near; guards sums and products of dimensions. */
  private static final int MAX_DIMENSION = 1 << 24;

  private static final int MAX_LABELS = 1 << 16;

  /** What transformers assumes when a configuration says nothing. */
  private static final int DEFAULT_LABELS = 2;

  private final Path file;
  private final JsonNode root;

  private CheckpointConfig(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  static CheckpointConfig read(Path file) {
    return new CheckpointConfig(file, JsonFiles.readObject(file));
  }

  /** The content of the file. */
  JsonNode root() {
    return root;
  }

  String modelType() {
    return string("model_type");
  }

  /** The names of classes in {@code architectures}; empty if there are none. */
  List<String> architectures() {
    List<String> names = new ArrayList<>();
    root.path("architectures").forEach(name -> names.add(name.asText()));
    return names;
  }

  /** The labels in the order of the logits. */
  List<String> labels() {
    JsonNode id2label = root.path("id2label");
    if (id2label.isMissingNode() || id2label.isNull()) {
      int labels = root.has("num_labels") ? positive("num_labels", MAX_LABELS) : DEFAULT_LABELS;
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
      if (!name.isTextual()) {
        throw invalid("id2label", id2label, "It has no name for " + i + ".");
      }
      names.add(name.textValue());
    }
    if (names.stream().distinct().count() != names.size()) {
      throw invalid("id2label", id2label, "Its names must differ.");
    }
    return names;
  }

  /**
   * The activation that sentence-transformers would use: {@code
   * sentence_transformers.activation_fn}, else {@code sbert_ce_default_activation_function}, else
   * sigmoid for one label and identity for several.
   */
  Activation activation() {
    JsonNode current = root.path("sentence_transformers").path("activation_fn");
    if (current.isTextual()) {
      return activation("sentence_transformers.activation_fn", current);
    }
    JsonNode former = root.path("sbert_ce_default_activation_function");
    if (former.isTextual()) {
      return activation("sbert_ce_default_activation_function", former);
    }
    return labels().size() == 1 ? Activation.SIGMOID : Activation.IDENTITY;
  }

  /** Returns a required positive number. */
  int dimension(String key) {
    return positive(key, MAX_DIMENSION);
  }

  private int positive(String key, int max) {
    JsonNode node = root.path(key);
    if (!node.isInt() || node.intValue() <= 0 || node.intValue() > max) {
      throw invalid(key, node, "It must be a whole number from 1 to " + max + ".");
    }
    return node.intValue();
  }

  double number(String key) {
    JsonNode node = root.path(key);
    if (!node.isNumber()) {
      throw invalid(key, node, "It must be a number.");
    }
    return node.doubleValue();
  }

  String string(String key) {
    JsonNode node = root.path(key);
    if (!node.isTextual()) {
      throw invalid(key, node, "It must be a string.");
    }
    return node.textValue();
  }

  /**
   * Refuses a checkpoint whose key has a value other than the one that is supported; absence is
   * fine.
   */
  void requireIfPresent(String key, String supported) {
    JsonNode node = root.path(key);
    if (!node.isMissingNode() && !node.asText().equals(supported)) {
      throw invalid(key, node, "Only " + supported + " is supported for " + modelType() + ".");
    }
  }

  OptionalInt optionalInteger(String key) {
    JsonNode node = root.path(key);
    return node.canConvertToInt() ? OptionalInt.of(node.intValue()) : OptionalInt.empty();
  }

  private Activation activation(String key, JsonNode node) {
    String name = node.textValue();
    String simpleName = name.substring(name.lastIndexOf('.') + 1);
    return switch (simpleName) {
      case "Sigmoid" -> Activation.SIGMOID;
      case "Identity" -> Activation.IDENTITY;
      case "Softmax" -> Activation.SOFTMAX;
      default -> throw invalid(key, node, "It must end in Sigmoid, Identity or Softmax.");
    };
  }

  InvalidModelException invalid(String key, JsonNode value, String wanted) {
    return new InvalidModelException(
        "Invalid %s in %s: %s. %s"
            .formatted(key, file, value.isMissingNode() ? "missing" : value, wanted));
  }
}
