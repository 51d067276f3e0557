/** A real Flink cluster of separate JVMs on this machine, for tests; never deployed. */
package dev.crossencoder.cluster;
