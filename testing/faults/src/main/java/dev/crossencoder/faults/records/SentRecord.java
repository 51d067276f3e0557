package dev.crossencoder.faults.records;

import java.util.List;
import org.apache.kafka.common.header.Header;

/**
 * A record of a run.
 *
 * @param number in order of sending, from 0
 * @param key may be null
 * @param value may be null
 * @param pair which of the run's pairs of texts it holds; records with the same pair have the same
 *     score of a model
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
