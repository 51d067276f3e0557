package dev.crossencoder.model.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.io.JsonFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Reads {@code catalog.json}. Entries refer to their sources by key, so that the file contains the
 * text of each source once.
 */
final class CatalogReader {
  /** The placeholder for the model's name in the text of a source. */
  private static final String NAME = "NAME";

  private final String file;
  private final JsonNode sources;

  private CatalogReader(String file, JsonNode sources) {
    this.file = file;
    this.sources = sources;
  }

  /**
   * Returns the entries sorted by task. Within a task they keep the order of the file.
   *
   * @param name the name of the file in messages
   * @throws IllegalStateException if a fact is missing or invalid; the message names model and key
   */
  static List<CatalogEntry> read(String name, byte[] json) {
    JsonNode root = JsonFiles.parseObject(Path.of(name), json);
    CatalogReader reader = new CatalogReader(name, root.path("sources"));
    List<CatalogEntry> entries = new ArrayList<>();
    for (JsonNode model : root.path("models")) {
      entries.add(reader.entry(model));
    }
    entries.sort(Comparator.comparing(CatalogEntry::task));
    return entries;
  }

  private CatalogEntry entry(JsonNode model) {
    String name = model.path("name").asText("a model without a name");
    try {
      return new CatalogEntry(
          text(model, "name"),
          texts(model, "former_names"),
          CatalogTask.parse(text(model, "task")),
          text(model, "architecture"),
          integer(model, "layers"),
          integer(model, "hidden_size"),
          required(model, "parameters").longValue(),
          source(model, "parameters_source", name),
          texts(model, "labels"),
          Activation.parse(text(model, "activation")),
          integer(model, "max_length"),
          text(model, "licence"),
          source(model, "configuration_source", name),
          quality(model, name),
          throughput(model, name),
          model.has("note") ? Optional.of(text(model, "note")) : Optional.empty());
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          "Cannot read %s, %s: %s".formatted(file, name, e.getMessage()), e);
    }
  }

  private List<PublishedQuality> quality(JsonNode model, String name) {
    List<PublishedQuality> figures = new ArrayList<>();
    for (JsonNode figure : array(model, "quality")) {
      figures.add(
          new PublishedQuality(
              text(figure, "metric"),
              text(figure, "dataset"),
              required(figure, "value").asDouble(Double.NaN),
              source(figure, "source", name)));
    }
    return figures;
  }

  private List<PublishedThroughput> throughput(JsonNode model, String name) {
    List<PublishedThroughput> figures = new ArrayList<>();
    for (JsonNode figure : array(model, "throughput")) {
      figures.add(
          new PublishedThroughput(
              integer(figure, "documents_per_second"),
              text(figure, "hardware"),
              source(figure, "source", name)));
    }
    return figures;
  }

  private String source(JsonNode parent, String key, String name) {
    JsonNode source = sources.path(text(parent, key));
    if (!source.isTextual()) {
      throw invalid(key, parent.path(key), "It must be one of sources.");
    }
    return source.textValue().replace(NAME, name);
  }

  private static List<String> texts(JsonNode parent, String key) {
    List<String> texts = new ArrayList<>();
    for (JsonNode text : array(parent, key)) {
      if (!text.isTextual()) {
        throw invalid(key, text, "It must be a list of strings.");
      }
      texts.add(text.textValue());
    }
    return texts;
  }

  private static JsonNode array(JsonNode parent, String key) {
    JsonNode node = required(parent, key);
    if (!node.isArray()) {
      throw invalid(key, node, "It must be a list.");
    }
    return node;
  }

  private static int integer(JsonNode parent, String key) {
    JsonNode node = required(parent, key);
    if (!node.isInt()) {
      throw invalid(key, node, "It must be a whole number.");
    }
    return node.intValue();
  }

  private static String text(JsonNode parent, String key) {
    JsonNode node = required(parent, key);
    if (!node.isTextual() || node.textValue().isBlank()) {
      throw invalid(key, node, "It must be a string.");
    }
    return node.textValue();
  }

  private static JsonNode required(JsonNode parent, String key) {
    JsonNode node = parent.get(key);
    if (node == null) {
      throw new IllegalArgumentException("%s is missing.".formatted(key));
    }
    return node;
  }

  private static IllegalArgumentException invalid(String key, JsonNode value, String wanted) {
    return new IllegalArgumentException("Invalid %s: %s. %s".formatted(key, value, wanted));
  }
}
