package dev.crossencoder.job.options;

import dev.crossencoder.operator.InvalidOptionException;
import java.io.Serializable;
import java.util.Locale;
import org.apache.flink.annotation.PublicEvolving;

/** Where a run stops in each partition of the input topic. */
@PublicEvolving
public sealed interface StoppingPosition extends Serializable
    permits StoppingPosition.Named, TimePosition {
  /** Positions that have a name. */
  enum Named implements StoppingPosition {
    /** The run does not stop. */
    NEVER,
    /** The end that each partition has when the job is submitted. */
    LATEST,
    /** The consumer group's offsets. */
    COMMITTED;

    /** The value in configurations. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Reads a value of {@link JobOptions#UNTIL}.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  static StoppingPosition parse(String value) {
    for (Named position : Named.values()) {
      if (position.toString().equals(value)) {
        return position;
      }
    }
    return TimePosition.parse(JobOptions.UNTIL, value, Named.values());
  }
}
