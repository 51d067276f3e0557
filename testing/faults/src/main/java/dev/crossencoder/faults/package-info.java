/**
 * Fault experiments: they break a real cluster under load and count lost, duplicated, altered and
 * reordered records. Never deployed.
 *
 * <p>This package contains the command line. {@code records} generates the input and checks the
 * output, {@code rig} starts and breaks the processes, {@code report} stores and publishes
 * outcomes, and {@code experiment} uses the three.
 */
package dev.crossencoder.faults;
