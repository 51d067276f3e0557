package dev.crossencoder.faults.records;

import java.util.List;
import org.apache.kafka.common.header.Header;

/**
 * An input record of a run.
 *
 * @param number the position in the order of sending, from 0
 * @param key may be null
 * @param value may be null
 * @param pair the index of the text pair; a model gives records with the same pair the same score
 */
record SentRecord(
    int number,
    int partition,
    byte[] key,
    byte[] value,
    List<Header> headers,
    long timestamp,
    Fate fate,
    int pair) {}
