/**
 * The study of policies for latency: a simulation of the operator's queue. {@link
 * dev.crossencoder.benchmark.simulation.Simulation} forms batches as the operator does, a {@link
 * dev.crossencoder.benchmark.simulation.Policy} chooses limits and precision, and {@link
 * dev.crossencoder.benchmark.simulation.PassCost} says how long a forward pass takes.
 */
package dev.crossencoder.benchmark.simulation;
