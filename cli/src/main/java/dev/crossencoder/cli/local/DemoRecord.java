package dev.crossencoder.cli.local;

/**
 * A record that the demo produces.
 *
 * @param id the Kafka key, which identifies the record in all topics
 * @param value the bytes of the value; null in one kind of malformed records
 * @param wellFormed whether the record must be scored
 */
public record DemoRecord(String id, byte[] value, boolean wellFormed) {}
