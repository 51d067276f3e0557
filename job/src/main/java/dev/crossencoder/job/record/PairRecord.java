package dev.crossencoder.job.record;

import dev.crossencoder.model.TextPair;
import org.apache.flink.annotation.Internal;

/**
 * What {@link PairReader} found in a record.
 *
 * @param pair the two texts
 * @param place where a result belongs
 */
@Internal
public record PairRecord(TextPair pair, ResultPlace place) {}
