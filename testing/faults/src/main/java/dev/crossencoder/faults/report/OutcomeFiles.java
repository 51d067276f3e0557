package dev.crossencoder.faults.report;

import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The folder of outcomes, with one JSON file per experiment. */
public record OutcomeFiles(Path folder) {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          // The files have the components only, not what is derived from them.
          .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
          .build();

  /** Writes an outcome, and replaces the previous one of the experiment. */
  public void write(Outcome outcome) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(file(outcome.experiment()), MAPPER.writeValueAsString(outcome) + "\n");
  }

  /**
   * Returns the stored outcomes of experiments.
   *
   * @param experiments the names, in the order of the result
   */
  public List<Outcome> read(List<String> experiments) throws IOException {
    List<Outcome> outcomes = new ArrayList<>();
    for (String experiment : experiments) {
      Path file = file(experiment);
      if (Files.exists(file)) {
        outcomes.add(MAPPER.readValue(file.toFile(), Outcome.class));
      }
    }
    return outcomes;
  }

  private Path file(String experiment) {
    return folder.resolve(experiment + ".json");
  }
}
