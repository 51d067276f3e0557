/**
 * A Java agent that makes the engine of a JVM fail where a pair's texts hold a word. {@link
 * dev.crossencoder.faults.agent.EngineFaults} says what can fail and how it is written.
 */
package dev.crossencoder.faults.agent;
