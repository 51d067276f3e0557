package dev.crossencoder.job.change;

/**
 * A record of the control topic.
 *
 * @param key the key; may be null
 * @param value the value; may be null
 */
record ControlRecord(int partition, long offset, byte[] key, byte[] value) {}
