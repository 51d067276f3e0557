package dev.crossencoder.job.record;

import dev.crossencoder.model.TextPair;
import org.apache.flink.annotation.Internal;

/**
 * The result of {@link PairReader#read}.
 *
 * @param pair the two texts
 * @param place the place for the result
 */
@Internal
public record PairRecord(TextPair pair, ResultPlace place) {}
