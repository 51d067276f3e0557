package dev.crossencoder.faults;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The folder of what experiments showed, a JSON file each. */
record OutcomeFiles(Path folder) {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Writes an outcome over the experiment's former one. */
  void write(Outcome outcome) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(file(outcome.experiment()), MAPPER.writeValueAsString(outcome) + "\n");
  }

  /** The outcomes that there are, in the order of {@link Laboratory#experiments}. */
  List<Outcome> read() throws IOException {
    List<Outcome> outcomes = new ArrayList<>();
    for (Experiment experiment : Laboratory.experiments()) {
      Path file = file(experiment.name());
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
