package dev.crossencoder.job.record;

import dev.crossencoder.operator.Failure;
import dev.crossencoder.operator.InvalidRecordException;
import java.io.Serializable;
import org.apache.flink.annotation.Internal;

/**
 * The JSON of one shape of records: where the result goes, and how it is written. Each shape also
 * reads what its records ask.
 *
 * <p>Owned by one thread.
 *
 * @param <R> the type of the results
 */
@Internal
public interface RecordFormat<R> extends Serializable {
  /** Returns the reason why a record has no result; null if it has one. */
  Failure failure(R result);

  /**
   * Finds the place for a result in a value that was read before.
   *
   * @throws InvalidRecordException if the value could not have been read
   */
  ResultPlace place(byte[] value) throws InvalidRecordException;

  /**
   * Writes a result as a JSON object, in UTF-8.
   *
   * @param result a result without a failure
   * @param value the value of its record
   * @throws InvalidRecordException if the value could not have been read
   */
  byte[] json(R result, byte[] value) throws InvalidRecordException;
}
