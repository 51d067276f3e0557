package dev.crossencoder.operator;

import dev.crossencoder.model.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory that a process can still get, from the files of Linux. A process that takes more is
 * killed, with all its tasks.
 */
final class AvailableMemory {
  private static final Logger LOG = LoggerFactory.getLogger(AvailableMemory.class);

  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final Path CGROUP = Path.of("/sys/fs/cgroup");
  private static final String AVAILABLE = "MemAvailable:";

  /** Pages of files, which the kernel takes back when a process needs memory. */
  private static final List<String> FILES = List.of("inactive_file ", "active_file ");

  private AvailableMemory() {}

  /**
   * Checks that a model may fit. A model takes about the size of its files, and some more.
   *
   * @param model the model in messages
   * @param bytes the size of its files
   * @throws InvalidModelException if the machine or the container has less memory left
   */
  static void check(String model, long bytes) {
    check(model, bytes, bytes(MEMORY, CGROUP));
  }

  static void check(String model, long bytes, OptionalLong available) {
    if (available.isPresent() && bytes > available.getAsLong()) {
      throw new InvalidModelException(
          "The model %s has %d MiB, and the TaskManager's machine or container has %d MiB of memory left: give it more, or change the job's model by a savepoint, which frees the old one first."
              .formatted(model, bytes >> 20, available.getAsLong() >> 20));
    }
  }

  /**
   * Returns the smaller one of what the machine and the container have left; empty if this is not
   * known.
   */
  static OptionalLong bytes(Path memory, Path cgroup) {
    OptionalLong machine = ofMachine(memory);
    OptionalLong container = ofContainer(cgroup);
    if (machine.isEmpty()) {
      return container;
    }
    return container.isEmpty()
        ? machine
        : OptionalLong.of(Math.min(machine.getAsLong(), container.getAsLong()));
  }

  private static OptionalLong ofMachine(Path memory) {
    for (String line : lines(memory)) {
      if (line.startsWith(AVAILABLE)) {
        OptionalLong kilobytes = number(line.substring(AVAILABLE.length()).replace("kB", ""));
        return kilobytes.isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(kilobytes.getAsLong() << 10);
      }
    }
    return OptionalLong.empty();
  }

  private static OptionalLong ofContainer(Path cgroup) {
    OptionalLong limit = number(first(cgroup.resolve("memory.max")));
    OptionalLong used = number(first(cgroup.resolve("memory.current")));
    if (limit.isEmpty() || used.isEmpty()) {
      return OptionalLong.empty();
    }
    long files =
        lines(cgroup.resolve("memory.stat")).stream()
            .filter(line -> FILES.stream().anyMatch(line::startsWith))
            .mapToLong(line -> number(line.substring(line.indexOf(' '))).orElse(0))
            .sum();
    return OptionalLong.of(limit.getAsLong() - used.getAsLong() + files);
  }

  private static String first(Path file) {
    return lines(file).stream().findFirst().orElse("");
  }

  private static OptionalLong number(String text) {
    try {
      return OptionalLong.of(Long.parseLong(text.strip()));
    } catch (NumberFormatException e) {
      // No limit is "max".
      return OptionalLong.empty();
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      LOG.debug("Cannot read {}", file, e);
      return List.of();
    }
  }
}
