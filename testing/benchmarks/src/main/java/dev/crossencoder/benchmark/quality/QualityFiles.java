package dev.crossencoder.benchmark.quality;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The folder of results: a JSON file for each of the held-out data.
 *
 * @param folder where they are
 */
public record QualityFiles(Path folder) {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Writes a result, in place of an earlier one on the same data. */
  public Path write(QualityResult result) throws IOException {
    Path file = Files.createDirectories(folder).resolve(result.data() + ".json");
    Files.writeString(file, MAPPER.writeValueAsString(result) + "\n");
    return file;
  }

  /** Reads the results that are there, in the order of {@link HeldOutSet}. */
  List<QualityResult> read() throws IOException {
    List<QualityResult> results = new ArrayList<>();
    for (HeldOutSet set : HeldOutSet.values()) {
      Path file = folder.resolve(set.key() + ".json");
      if (Files.exists(file)) {
        results.add(MAPPER.readValue(file.toFile(), QualityResult.class));
      }
    }
    return results;
  }

  /** Returns the picture of a result. */
  Path picture(QualityResult result) {
    return folder.resolve(result.data() + ".png");
  }
}
