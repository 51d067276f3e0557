package dev.crossencoder.benchmark.report;

import java.util.List;
import java.util.Map;

/**
 * Where, when and with what a section was measured.
 *
 * @param date in ISO format
 * @param commit of the project; "unknown" outside a repository, with "and changes" if there are any
 * @param cpu the model's name
 * @param cpuFlags the instruction sets that matter for matrix multiplication
 * @param cores that the system shows
 * @param memoryBytes of the machine
 * @param system the operating system and its version
 * @param threads that each engine computes with
 * @param rounds how often each side had its turn
 * @param quick whether this was a try-out, whose numbers mean nothing
 * @param otherCpuShare of all cores that other processes took while the section was measured
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
    Map<String, String> versions) {}
