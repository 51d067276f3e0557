package dev.crossencoder.benchmark.simulation;

/**
 * One setting at one load.
 *
 * @param arrivals the process
 * @param load the rate of arrivals by what the default options score at most
 * @param group the kind of the setting
 * @param setting its name
 * @param p50 milliseconds
 * @param p99 milliseconds
 * @param fp32 the share of the pairs that were scored in fp32
 */
public record PolicyPoint(
    String arrivals,
    double load,
    String group,
    String setting,
    double p50,
    double p99,
    double fp32) {}
