package dev.crossencoder.model.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.model.hub.HubException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Finds the files of a cross-encoder's sentence-transformers modules, which are in folders of their
 * own.
 */
final class ModuleFiles {
  static final String CHAIN = "modules.json";
  static final String MODEL = "config_sentence_transformers.json";

  /** The files of a module by the simple name of its class. Other modules are ignored here. */
  private static final Map<String, List<String>> FILES =
      Map.of(
          "Pooling", List.of(CheckpointFiles.CONFIG),
          "Dense", List.of(CheckpointFiles.CONFIG, CheckpointFiles.WEIGHTS),
          "LayerNorm", List.of(CheckpointFiles.CONFIG, CheckpointFiles.WEIGHTS));

  private static final Pattern FOLDER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ModuleFiles() {}

  /**
   * Returns the paths of the files, relative to the snapshot and with {@code /}; empty if the
   * checkpoint has no such modules.
   *
   * @throws HubException if the list of modules is damaged or contains a path
   */
  static List<String> of(HubModelId id, Path snapshot) throws IOException {
    if (!Files.isRegularFile(snapshot.resolve(CHAIN))
        || !Files.isRegularFile(snapshot.resolve(MODEL))
        || !read(id, snapshot, MODEL).path("model_type").asText().equals("CrossEncoder")) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    for (JsonNode module : read(id, snapshot, CHAIN)) {
      String type = module.path("type").asText();
      String folder = module.path("path").asText();
      List<String> files = FILES.get(type.substring(type.lastIndexOf('.') + 1));
      if (files == null) {
        continue;
      }
      if (!FOLDER.matcher(folder).matches()) {
        throw damaged(id, CHAIN, "it names the folder %s".formatted(module.path("path")));
      }
      files.forEach(file -> names.add(folder + "/" + file));
    }
    return names;
  }

  private static JsonNode read(HubModelId id, Path snapshot, String name) throws IOException {
    Path file = snapshot.resolve(name);
    if (Files.size(file) > CheckpointFiles.MAX_SMALL_BYTES) {
      throw damaged(
          id, name, "it has more than %d bytes".formatted(CheckpointFiles.MAX_SMALL_BYTES));
    }
    try {
      return MAPPER.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw damaged(id, name, "it is not valid JSON");
    }
  }

  private static HubException damaged(HubModelId id, String name, String why) {
    return new HubException(Kind.DAMAGED, "Cannot use %s of %s, %s.".formatted(name, id, why));
  }
}
