package dev.crossencoder.benchmark.race;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.benchmark.report.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder of results: a JSON file for each model and kind of processor.
 *
 * @param folder where they are
 */
public record RaceFiles(Path folder) {
  private static final String PREFIX = "race-";
  private static final String SUFFIX = ".json";

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Writes a result, in place of an earlier one with the same model and kind of processor. */
  public Path write(RaceResult result) throws IOException {
    Path file = folder.resolve(name(result) + SUFFIX);
    Files.createDirectories(folder);
    Files.writeString(file, MAPPER.writeValueAsString(result) + "\n");
    return file;
  }

  /** The name of the files of a result, without the suffix. */
  static String name(RaceResult result) {
    return PREFIX + result.model() + "-" + result.environment().processor();
  }

  /**
   * Reads the result with a model.
   *
   * @param processor as {@link Environment#processor}
   */
  public Optional<RaceResult> read(String model, String processor) throws IOException {
    return read().stream()
        .filter(result -> result.model().equals(model))
        .filter(result -> result.environment().processor().equals(processor))
        .findFirst();
  }

  /** Reads all results, by the names of their files. */
  public List<RaceResult> read() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files =
          all.filter(file -> file.getFileName().toString().startsWith(PREFIX))
              .filter(file -> file.getFileName().toString().endsWith(SUFFIX))
              .sorted()
              .toList();
    }
    List<RaceResult> results = new ArrayList<>();
    for (Path file : files) {
      results.add(MAPPER.readValue(file.toFile(), RaceResult.class));
    }
    return results;
  }

  /** The text that is written by hand; empty if there is none. */
  String notes() throws IOException {
    Path file = folder.resolve("notes.md");
    return Files.exists(file) ? Files.readString(file) : "";
  }
}
