package dev.crossencoder.cli.demo;

/**
 * A record that the demo produces.
 *
 * @param id identifies it in all topics, as the Kafka key
 * @param value its bytes; null is one of the malformed kinds
 * @param wellFormed whether it should be scored
 */
public record DemoRecord(String id, byte[] value, boolean wellFormed) {}
