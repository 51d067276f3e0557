package dev.crossencoder.benchmark.scaling;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The file of results.
 *
 * @param file a JSON file
 */
public record ScalingFiles(Path file) {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Writes the results in place of earlier ones. */
  public void write(ScalingResult result) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, MAPPER.writeValueAsString(result) + "\n");
  }

  public ScalingResult read() throws IOException {
    return MAPPER.readValue(file.toFile(), ScalingResult.class);
  }
}
