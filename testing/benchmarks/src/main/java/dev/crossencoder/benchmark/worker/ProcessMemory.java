package dev.crossencoder.benchmark.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The memory of a process, from {@code /proc}.
 *
 * @param peakBytes {@code VmHWM}
 * @param anonymousBytes {@code RssAnon}
 */
public record ProcessMemory(long peakBytes, long anonymousBytes) {
  /**
   * Reads the memory of a process.
   *
   * @param process the process id, or {@code self}
   * @return zeros if there is no {@code /proc}
   */
  public static ProcessMemory of(String process) throws IOException {
    Path status = Path.of("/proc", process, "status");
    long peak = 0;
    long anonymous = 0;
    if (Files.exists(status)) {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("VmHWM:")) {
          peak = bytes(line);
        } else if (line.startsWith("RssAnon:")) {
          anonymous = bytes(line);
        }
      }
    }
    return new ProcessMemory(peak, anonymous);
  }

  private static long bytes(String line) {
    return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
  }
}
