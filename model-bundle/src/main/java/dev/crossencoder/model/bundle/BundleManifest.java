package dev.crossencoder.model.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.io.UnicodeText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The content of {@code bundle.json}: what is known about a compiled model.
 *
 * @param name the name of the model, which results carry
 * @param source where the checkpoint came from
 * @param revision the version of the source: a commit of the hub, or {@code sha256:} and the digest
 *     of the checkpoint's files
 * @param architecture the {@code model_type} of the checkpoint: {@code bert}, {@code roberta}, …
 * @param labels the labels in the order of the logits ({@code id2label})
 * @param activation the activation of the checkpoint, which may be of an unknown class
 * @param prompts the prompts of the model
 * @param maxLength the largest number of tokens of a pair, special tokens included
 * @param positionOffset the position id of a pair's first token
 * @param dtype the number format of the weights, a {@link Precision#dtype}
 * @param engine the engine that runs the program, an {@link Engine#key}
 * @param inputs the input tensors of the program
 * @param files the SHA-256 of every other file of the bundle, by file name
 */
public record BundleManifest(
    String name,
    String source,
    String revision,
    String architecture,
    List<String> labels,
    ModelActivation activation,
    Prompts prompts,
    int maxLength,
    int positionOffset,
    String dtype,
    String engine,
    InputForm inputs,
    Map<String, String> files) {
  /**
   * The newest format version that this release reads. A manifest is written in the oldest version
   * that can express its content, so that older releases can read it and the digest of a model does
   * not change with a new release.
   */
  public static final int FORMAT_VERSION = 3;

  private static final int FIRST_VERSION = 1;

  /** Has more activations, and prompts. */
  private static final int SECOND_VERSION = 2;

  /** The activations of format version 1. */
  private static final Set<Activation> FIRST_ACTIVATIONS =
      Set.of(Activation.IDENTITY, Activation.SIGMOID, Activation.SOFTMAX);

  public static final String FILE = "bundle.json";

  public static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
  public static final int MAX_LENGTH_LIMIT = 1 << 20;

  public BundleManifest {
    labels = List.copyOf(labels);
    files = Map.copyOf(files);
  }

  /** Returns the manifest of a bundle with other files. */
  BundleManifest withFiles(Map<String, String> newFiles) {
    return new BundleManifest(
        name,
        source,
        revision,
        architecture,
        labels,
        activation,
        prompts,
        maxLength,
        positionOffset,
        dtype,
        engine,
        inputs,
        newFiles);
  }

  /** The number of logits. */
  public int numLabels() {
    return labels.size();
  }

  /** Whether the bundle has a calibration, which format version 3 added. */
  public boolean isCalibrated() {
    return files.containsKey(CalibrationFile.NAME);
  }

  private int version() {
    if (isCalibrated()) {
      return FORMAT_VERSION;
    }
    boolean first = activation.known().filter(FIRST_ACTIVATIONS::contains).isPresent();
    return first && prompts.isEmpty() ? FIRST_VERSION : SECOND_VERSION;
  }

  /** Returns the manifest as JSON in UTF-8. Equal manifests give equal bytes. */
  public byte[] toJson() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("format_version", version());
    root.put("name", name);
    root.put("source", source);
    root.put("revision", revision);
    root.put("architecture", architecture);
    root.put("num_labels", labels.size());
    ObjectNode id2label = root.putObject("id2label");
    for (int i = 0; i < labels.size(); i++) {
      id2label.put(String.valueOf(i), labels.get(i));
    }
    if (activation.known().isPresent()) {
      root.put("activation", activation.known().get().key());
    } else {
      root.putNull("activation");
      root.put("unknown_activation", activation.name());
    }
    if (!prompts.isEmpty()) {
      prompts.texts().forEach(root.putObject("prompts")::put);
      prompts.defaultName().ifPresent(defaultName -> root.put("default_prompt_name", defaultName));
    }
    root.put("max_length", maxLength);
    root.put("position_offset", positionOffset);
    root.put("dtype", dtype);
    root.put("engine", engine);
    if (!engine.equals(Engine.PYTORCH.key())) {
      root.put("inputs", inputs.key());
    }
    ObjectNode members = root.putObject("sha256");
    new TreeMap<>(files).forEach(members::put);
    try {
      String json = JsonFiles.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root);
      return (json + '\n').getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write bundle.json", e);
    }
  }

  /**
   * Parses a manifest.
   *
   * @param file the path of the manifest, for messages
   * @throws InvalidModelException if the format version is too new, or a key is missing or invalid
   */
  public static BundleManifest parse(Path file, byte[] json) {
    JsonNode root = JsonFiles.parseObject(file, json);
    int version = integer(file, root, "format_version", 1, Integer.MAX_VALUE);
    if (version > FORMAT_VERSION) {
      throw new InvalidModelException(
          "Cannot read %s, its format_version is %d and this release reads up to %d. Use a newer release, or build the bundle again with this one."
              .formatted(file, version, FORMAT_VERSION));
    }
    return new BundleManifest(
        string(file, root, "name"),
        string(file, root, "source"),
        string(file, root, "revision"),
        string(file, root, "architecture"),
        labels(file, root),
        activation(file, root),
        prompts(file, root),
        integer(file, root, "max_length", 1, MAX_LENGTH_LIMIT),
        integer(file, root, "position_offset", 0, MAX_LENGTH_LIMIT),
        dtype(file, root),
        string(file, root, "engine"),
        inputs(file, root),
        files(file, root));
  }

  private static List<String> labels(Path file, JsonNode root) {
    JsonNode id2label = root.path("id2label");
    int count = integer(file, root, "num_labels", 1, 1 << 16);
    List<String> labels = new ArrayList<>();
    Set<String> distinct = new HashSet<>();
    for (int i = 0; i < count; i++) {
      JsonNode label = id2label.path(String.valueOf(i));
      if (!label.isTextual()) {
        throw invalid(file, "id2label", id2label, "It must name all %d labels.".formatted(count));
      }
      if (!UnicodeText.isWellFormed(label.textValue()) || !distinct.add(label.textValue())) {
        throw invalid(
            file,
            "id2label",
            id2label,
            "Labels are the keys of scores, so they must differ and must not contain a lone surrogate.");
      }
      labels.add(label.textValue());
    }
    return labels;
  }

  private static ModelActivation activation(Path file, JsonNode root) {
    if (root.path("activation").isNull()) {
      return ModelActivation.unknown(string(file, root, "unknown_activation"));
    }
    String key = string(file, root, "activation");
    try {
      return ModelActivation.of(Activation.parse(key));
    } catch (IllegalArgumentException e) {
      throw new InvalidModelException("Cannot read %s. %s".formatted(file, e.getMessage()), e);
    }
  }

  private static Prompts prompts(Path file, JsonNode root) {
    JsonNode texts = root.path("prompts");
    if (texts.isMissingNode()) {
      return Prompts.NONE;
    }
    if (!texts.isObject() || texts.isEmpty()) {
      throw invalid(file, "prompts", texts, "It must map names to texts.");
    }
    Map<String, String> byName = new LinkedHashMap<>();
    texts
        .properties()
        .forEach(prompt -> byName.put(prompt.getKey(), string(file, texts, prompt.getKey())));
    if (!byName.keySet().stream().allMatch(UnicodeText::isWellFormed)) {
      throw invalid(file, "prompts", texts, "A name contains a lone surrogate.");
    }
    String key = "default_prompt_name";
    if (root.has(key) && !byName.containsKey(string(file, root, key))) {
      throw invalid(file, key, root.path(key), "It must be one of the prompts.");
    }
    return new Prompts(byName, Optional.ofNullable(root.path(key).textValue()));
  }

  private static String dtype(Path file, JsonNode root) {
    String dtype = string(file, root, "dtype");
    if (Arrays.stream(Precision.values()).noneMatch(known -> known.dtype().equals(dtype))) {
      throw invalid(
          file,
          "dtype",
          root.path("dtype"),
          "It must be one of %s."
              .formatted(
                  Arrays.stream(Precision.values())
                      .map(Precision::dtype)
                      .collect(Collectors.joining(", "))));
    }
    return dtype;
  }

  /** Reads the input form. Manifests of {@code pytorch} bundles have none: their form is packed. */
  private static InputForm inputs(Path file, JsonNode root) {
    JsonNode inputs = root.path("inputs");
    return inputs.isMissingNode()
        ? InputForm.PACKED
        : InputForm.find(inputs.asText())
            .orElseThrow(
                () -> invalid(file, "inputs", inputs, "It must be one of packed, padded."));
  }

  private static Map<String, String> files(Path file, JsonNode root) {
    JsonNode members = root.path("sha256");
    if (!members.isObject() || members.isEmpty()) {
      throw invalid(file, "sha256", members, "It must map each file of the bundle to its digest.");
    }
    Map<String, String> files = new TreeMap<>();
    members
        .properties()
        .forEach(
            member -> {
              if (!FILE_NAME.matcher(member.getKey()).matches()) {
                throw invalid(
                    file, "sha256", members, "A file's name must be plain, without a path.");
              }
              JsonNode digest = member.getValue();
              if (!digest.isTextual() || !SHA_256.matcher(digest.textValue()).matches()) {
                throw invalid(file, "sha256", members, "A digest must have 64 hexadecimal digits.");
              }
              files.put(member.getKey(), digest.textValue());
            });
    return files;
  }

  private static String string(Path file, JsonNode root, String key) {
    JsonNode node = root.path(key);
    if (!node.isTextual()) {
      throw invalid(file, key, node, "It must be a string.");
    }
    if (!UnicodeText.isWellFormed(node.textValue())) {
      throw invalid(file, key, node, "It contains a lone surrogate, which UTF-8 cannot encode.");
    }
    return node.textValue();
  }

  private static int integer(Path file, JsonNode root, String key, int min, int max) {
    JsonNode node = root.path(key);
    if (!node.isInt() || node.intValue() < min || node.intValue() > max) {
      throw invalid(
          file, key, node, "It must be a whole number from %d to %d.".formatted(min, max));
    }
    return node.intValue();
  }

  private static InvalidModelException invalid(
      Path file, String key, JsonNode value, String wanted) {
    return new InvalidModelException(
        "Invalid %s in %s: %s. %s"
            .formatted(key, file, value.isMissingNode() ? "missing" : value, wanted));
  }
}
