package dev.crossencoder.cli.parity;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.parity.GoldenGroup.GoldenPair;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A golden file: a JSON object with a list {@code groups}, or the list alone. A group has {@code
 * model}, {@code activation}, {@code tolerance} and {@code source}, all optional, and {@code
 * pairs}; a pair has {@code text}, {@code text_pair} (or {@code a}, {@code b}) and {@code
 * expected}. Groups for other models are not parsed except for {@code model}.
 */
final class GoldenFile {
  /** The tolerance of groups that set none; the parity criterion of this project. */
  static final double DEFAULT_TOLERANCE = 1e-4;

  private static final String BUILT_IN = "goldens.json";

  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final String name;
  private final List<JsonNode> groups;

  private GoldenFile(String name, List<JsonNode> groups) {
    this.name = name;
    this.groups = groups;
  }

  /** Reads the built-in file with published examples. */
  static GoldenFile builtIn() {
    try (InputStream in = GoldenFile.class.getResourceAsStream(BUILT_IN)) {
      if (in == null) {
        throw new IllegalStateException("Cannot find " + BUILT_IN + " beside the classes.");
      }
      return parse(BUILT_IN, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + BUILT_IN, e);
    }
  }

  /**
   * Reads a user's file.
   *
   * @throws CommandFailedException if the file is not JSON or has no groups
   */
  static GoldenFile read(Path file) throws IOException {
    return parse(file.toString(), Files.readAllBytes(file));
  }

  static GoldenFile parse(String name, byte[] json) {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new CommandFailedException(
          "Cannot read %s, it is not valid JSON: %s (line %d)."
              .formatted(name, e.getOriginalMessage(), e.getLocation().getLineNr()),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + name, e);
    }
    JsonNode list = root.isArray() ? root : root.path("groups");
    if (!list.isArray() || list.isEmpty()) {
      throw new CommandFailedException(
          "Invalid golden file %s: it has no groups. It must be {\"groups\": [...]} with at least one, see 'cross-encoder parity --help'."
              .formatted(name));
    }
    List<JsonNode> groups = new ArrayList<>();
    list.forEach(groups::add);
    return new GoldenFile(name, groups);
  }

  /** The name of the file, for messages. */
  String name() {
    return name;
  }

  /** Returns the models that groups name. */
  List<String> models() {
    return groups.stream()
        .map(group -> group.path("model"))
        .filter(JsonNode::isTextual)
        .map(JsonNode::textValue)
        .distinct()
        .toList();
  }

  /**
   * Returns the groups that name no model or an accepted one.
   *
   * @throws CommandFailedException if one of these groups is invalid; the message names group, pair
   *     and key
   */
  List<GoldenGroup> groupsFor(Predicate<String> meant) {
    List<GoldenGroup> selected = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      String where = "%s, group %d".formatted(name, i + 1);
      Optional<String> model = optionalText(groups.get(i), "model", where);
      if (model.isEmpty() || meant.test(model.get())) {
        selected.add(group(groups.get(i), where));
      }
    }
    return selected;
  }

  private GoldenGroup group(JsonNode group, String where) {
    JsonNode list = group.path("pairs");
    if (!list.isArray() || list.isEmpty()) {
      throw invalid(where, "pairs", list, "It must be a list with at least one pair.");
    }
    List<GoldenPair> pairs = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      pairs.add(pair(list.get(i), where + ", pair " + (i + 1)));
    }
    return new GoldenGroup(
        activation(group, pairs, where),
        tolerance(group, where),
        optionalText(group, "source", where),
        pairs);
  }

  /** Parsed only for groups with scores: the winning label does not depend on the activation. */
  private Optional<Activation> activation(JsonNode group, List<GoldenPair> pairs, String where) {
    if (pairs.stream().allMatch(pair -> pair.expected() instanceof Expected.Label)) {
      return Optional.empty();
    }
    // Recorded files have a remark in parentheses after the name: identity (logit).
    return optionalText(group, "activation", where)
        .map(text -> text.replaceFirst("\\s*\\(.*\\)$", ""))
        .filter(text -> !text.equals("model"))
        .map(
            text -> {
              try {
                return Activation.parse(text);
              } catch (IllegalArgumentException e) {
                throw invalid(
                    where,
                    "activation",
                    group.path("activation"),
                    "It must be model or one of %s.".formatted(Activation.keys()));
              }
            });
  }

  private double tolerance(JsonNode group, String where) {
    JsonNode node = group.path("tolerance");
    if (isAbsent(node)) {
      return DEFAULT_TOLERANCE;
    }
    double tolerance = node.isNumber() ? node.doubleValue() : Double.NaN;
    if (!(tolerance > 0 && Double.isFinite(tolerance))) {
      throw invalid(where, "tolerance", node, "It must be a positive number.");
    }
    return tolerance;
  }

  private GoldenPair pair(JsonNode pair, String where) {
    TextPair texts =
        new TextPair(text(pair, "text", "a", where), text(pair, "text_pair", "b", where));
    return new GoldenPair(where, texts, expected(pair.path("expected"), where));
  }

  private Expected expected(JsonNode node, String where) {
    if (node.isTextual()) {
      return new Expected.Label(node.textValue());
    }
    if (node.isArray() && !node.isEmpty()) {
      List<Double> values = new ArrayList<>();
      node.forEach(value -> values.add(number(value, node, where)));
      return new Expected.Values(values);
    }
    if (node.isObject() && !node.isEmpty()) {
      List<Map.Entry<String, Double>> values = new ArrayList<>();
      node.properties()
          .forEach(
              value ->
                  values.add(Map.entry(value.getKey(), number(value.getValue(), node, where))));
      return new Expected.ByLabel(values);
    }
    return new Expected.Value(number(node, node, where));
  }

  private double number(JsonNode value, JsonNode expected, String where) {
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw invalid(
          where,
          "expected",
          expected,
          "It must be a number, a list of numbers, an object of numbers by label, or a label.");
    }
    return value.doubleValue();
  }

  private String text(JsonNode pair, String key, String recordedKey, String where) {
    JsonNode node = pair.has(key) ? pair.path(key) : pair.path(recordedKey);
    if (!node.isTextual()) {
      throw invalid(where, key, node, "It must be a string.");
    }
    return node.textValue();
  }

  private Optional<String> optionalText(JsonNode group, String key, String where) {
    JsonNode node = group.path(key);
    if (isAbsent(node)) {
      return Optional.empty();
    }
    if (!node.isTextual()) {
      throw invalid(where, key, node, "It must be a string.");
    }
    return Optional.of(node.textValue());
  }

  private static boolean isAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private CommandFailedException invalid(String where, String key, JsonNode value, String wanted) {
    return new CommandFailedException(
        "Invalid %s in %s: %s. %s"
            .formatted(key, where, value.isMissingNode() ? "missing" : value, wanted));
  }
}
