package dev.crossencoder.operator;

import java.io.Serializable;
import org.apache.flink.annotation.Internal;

/**
 * Returns which revisions of the models score a record.
 *
 * @param <T> the type of the records
 */
@FunctionalInterface
@Internal
public interface TagSelector<T> extends Serializable {
  /**
   * Returns the text of a {@link dev.crossencoder.operator.change.ModelTag}; null for the models of
   * the options. Consecutive records usually have the same string.
   */
  String tag(T element);
}
