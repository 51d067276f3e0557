package dev.crossencoder.benchmark.report;

import java.util.List;
import java.util.Map;

/**
 * How long a new process takes to its first score.
 *
 * @param seconds of each try, by engine
 */
public record ColdStartResult(
    Environment environment, String model, Map<String, List<Double>> seconds) {}
