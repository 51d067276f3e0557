package dev.crossencoder.job.options;

import dev.crossencoder.operator.InvalidOptionException;
import java.io.Serializable;
import java.util.Locale;
import org.apache.flink.annotation.PublicEvolving;

/** Where a run without a checkpoint or savepoint starts in each partition of the input topic. */
@PublicEvolving
public sealed interface StartingPosition extends Serializable
    permits StartingPosition.Named, TimePosition {
  /** Positions that have a name. */
  enum Named implements StartingPosition {
    /** The consumer group's offsets; the first record of a partition for which it has none. */
    COMMITTED,
    /** The first record that a partition has. */
    EARLIEST,
    /** The end of each partition at the start; records before it are not read. */
    LATEST;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Reads a value of {@link JobOptions#FROM}.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  static StartingPosition parse(String value) {
    for (Named position : Named.values()) {
      if (position.toString().equals(value)) {
        return position;
      }
    }
    return TimePosition.parse(JobOptions.FROM, value, Named.values());
  }
}
