/**
 * A Java agent that makes the engine of a JVM fail at pairs whose texts contain a word. {@link
 * dev.crossencoder.faults.agent.EngineFaults} documents the faults and the syntax of arguments.
 */
package dev.crossencoder.faults.agent;
