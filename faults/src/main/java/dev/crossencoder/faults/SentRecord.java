package dev.crossencoder.faults;

/**
 * A record of a run.
 *
 * @param number in order of sending, from 0
 * @param wellFormed whether it can be scored; else it belongs on the dead-letter topic
 * @param pair which of the run's pairs of texts it holds; records with the same pair have the same
 *     score
 */
record SentRecord(
    int number,
    int partition,
    byte[] key,
    byte[] value,
    long timestamp,
    boolean wellFormed,
    int pair) {}
