/**
 * A Kafka broker, a Flink session cluster and, if required, a ZooKeeper server, each process a JVM
 * of its own, and the job that runs on them.
 *
 * <p>{@link dev.crossencoder.faults.rig.Rig} starts the processes that a {@link
 * dev.crossencoder.faults.rig.Setup} describes; {@link dev.crossencoder.faults.rig.RigJob} submits,
 * stops and resumes the job.
 */
package dev.crossencoder.faults.rig;
