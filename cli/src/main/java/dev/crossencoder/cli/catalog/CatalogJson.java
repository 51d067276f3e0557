package dev.crossencoder.cli.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.catalog.CatalogEntry;
import java.util.List;

/** Formats the catalog as a JSON list with all properties of each model. */
final class CatalogJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private CatalogJson() {}

  static String of(List<CatalogEntry> entries) {
    ArrayNode models = MAPPER.createArrayNode();
    entries.forEach(entry -> write(entry, models.addObject()));
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(models);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write the catalog as JSON", e);
    }
  }

  private static void write(CatalogEntry entry, ObjectNode model) {
    model.put("name", entry.name());
    entry.formerNames().forEach(model.putArray("former_names")::add);
    model.put("task", entry.task().key());
    model.put("architecture", entry.architecture());
    model.put("layers", entry.layers());
    model.put("hidden_size", entry.hiddenSize());
    model.put("parameters", entry.parameters());
    model.put("parameters_source", entry.parametersSource());
    model.put("num_labels", entry.labels().size());
    entry.labels().forEach(model.putArray("labels")::add);
    model.put("activation", entry.activation().key());
    model.put("max_length", entry.maxLength());
    model.put("licence", entry.licence());
    model.put("configuration_source", entry.configurationSource());
    ArrayNode quality = model.putArray("quality");
    entry
        .quality()
        .forEach(
            figure ->
                quality
                    .addObject()
                    .put("metric", figure.metric())
                    .put("dataset", figure.dataset())
                    .put("value", figure.value())
                    .put("source", figure.source()));
    ArrayNode throughput = model.putArray("throughput");
    entry
        .throughput()
        .forEach(
            figure ->
                throughput
                    .addObject()
                    .put("documents_per_second", figure.documentsPerSecond())
                    .put("hardware", figure.hardware())
                    .put("source", figure.source()));
    entry.note().ifPresent(note -> model.put("note", note));
  }
}
