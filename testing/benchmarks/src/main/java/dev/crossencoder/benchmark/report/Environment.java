package dev.crossencoder.benchmark.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The time, machine and software versions of the measurement of a section.
 *
 * @param date in ISO format
 * @param commit the commit of the project; "unknown" outside a repository, with "and changes" if
 *     there are uncommitted changes
 * @param cpu the name of the CPU
 * @param cpuFlags the instruction sets that are relevant for matrix multiplication
 * @param cores the number of cores
 * @param memoryBytes the memory of the machine
 * @param system the operating system and its version
 * @param threads the number of threads of each engine
 * @param rounds the number of turns of each engine
 * @param quick whether this was a trial run without meaningful numbers
 * @param otherCpuShare the share of all cores that other processes used during the measurement
 * @param versions of JDK, engines and Python packages by name
 */
public record Environment(
    String date,
    String commit,
    String cpu,
    List<String> cpuFlags,
    int cores,
    long memoryBytes,
    String system,
    int threads,
    int rounds,
    boolean quick,
    double otherCpuShare,
    Map<String, String> versions) {
  /**
   * Names the kind of processor for a file name: its maker and the widest vectors, such as {@code
   * amd-avx512}.
   */
  public String processor() {
    String maker = cpu.split("\\W", 2)[0].toLowerCase(Locale.ROOT);
    String vectors =
        cpuFlags.contains("avx512f") ? "-avx512" : cpuFlags.contains("avx2") ? "-avx2" : "";
    return maker + vectors;
  }

  /** Describes the machine in a line. */
  public String machine() {
    return String.format(
        Locale.ROOT,
        "%s, %d cores, %.0f GB, %s; %s",
        cpu,
        cores,
        memoryBytes / 1e9,
        system,
        String.join(" ", cpuFlags));
  }
}
