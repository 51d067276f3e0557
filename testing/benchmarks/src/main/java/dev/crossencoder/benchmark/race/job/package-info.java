/**
 * The Flink jobs of the contenders that are written in Java. The race packs the classes of this
 * package into a jar, so they use nothing else of this module.
 */
package dev.crossencoder.benchmark.race.job;
