package dev.crossencoder.benchmark.report;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder of raw results: one JSON file for each section, for throughput each comparison. A
 * subfolder has comparisons of another kind of processor.
 */
public final class ResultFiles {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final String THROUGHPUT = "throughput-";
  private static final String SUFFIX = ".json";

  private final Path folder;

  public ResultFiles(Path folder) {
    this.folder = folder;
  }

  /** Where files lie. */
  public Path folder() {
    return folder;
  }

  public Path write(ThroughputResult result) throws IOException {
    return write(THROUGHPUT + result.workload() + "-" + result.model(), result);
  }

  public Path write(LimitResult result) throws IOException {
    return write("limit", result);
  }

  public Path write(PipelineResult result) throws IOException {
    return write("pipeline", result);
  }

  public Path write(LatencyResult result) throws IOException {
    return write("latency", result);
  }

  public Path write(CpuResult result) throws IOException {
    return write("cpu", result);
  }

  public Path write(EnduranceResult result) throws IOException {
    return write("endurance", result);
  }

  public Path write(ColdStartResult result) throws IOException {
    return write("cold-start", result);
  }

  private Path write(String name, Object result) throws IOException {
    Path file = Files.createDirectories(folder).resolve(name + SUFFIX);
    Files.writeString(file, MAPPER.writeValueAsString(result) + "\n");
    return file;
  }

  /** Reads all comparisons, by file name. */
  List<ThroughputResult> throughput() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files =
          all.filter(file -> file.getFileName().toString().startsWith(THROUGHPUT))
              .filter(file -> file.getFileName().toString().endsWith(SUFFIX))
              .sorted()
              .toList();
    }
    List<ThroughputResult> results = new ArrayList<>();
    for (Path file : files) {
      results.add(MAPPER.readValue(file.toFile(), ThroughputResult.class));
    }
    return results;
  }

  /**
   * Reads the comparisons of each kind of processor: those of this folder first, then those of its
   * subfolders by name. Folders without comparisons are left out.
   */
  List<List<ThroughputResult>> throughputByProcessor() throws IOException {
    List<List<ThroughputResult>> all = new ArrayList<>();
    all.add(throughput());
    if (Files.isDirectory(folder)) {
      try (Stream<Path> members = Files.list(folder)) {
        for (Path member : members.filter(Files::isDirectory).sorted().toList()) {
          all.add(new ResultFiles(member).throughput());
        }
      }
    }
    all.removeIf(List::isEmpty);
    return all;
  }

  Optional<LimitResult> limit() throws IOException {
    return read("limit", LimitResult.class);
  }

  Optional<PipelineResult> pipeline() throws IOException {
    return read("pipeline", PipelineResult.class);
  }

  Optional<LatencyResult> latency() throws IOException {
    return read("latency", LatencyResult.class);
  }

  Optional<CpuResult> cpu() throws IOException {
    return read("cpu", CpuResult.class);
  }

  Optional<EnduranceResult> endurance() throws IOException {
    return read("endurance", EnduranceResult.class);
  }

  Optional<ColdStartResult> coldStart() throws IOException {
    return read("cold-start", ColdStartResult.class);
  }

  private <T> Optional<T> read(String name, Class<T> type) throws IOException {
    Path file = folder.resolve(name + SUFFIX);
    return Files.exists(file)
        ? Optional.of(MAPPER.readValue(file.toFile(), type))
        : Optional.empty();
  }
}
