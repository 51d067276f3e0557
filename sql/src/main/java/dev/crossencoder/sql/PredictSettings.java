package dev.crossencoder.sql;

import dev.crossencoder.model.RankOptions;
import dev.crossencoder.sql.CrossEncoderModelOptions.ErrorHandlingStrategy;
import java.io.Serializable;
import java.time.Duration;
import java.util.Map;

/**
 * The validated options of one use of a model by ML_PREDICT.
 *
 * @param operator the options of the operator, by the operator's keys
 * @param errors what happens to rows that cannot be scored
 * @param ranking which documents are in a result
 * @param maxConcurrentOperations the largest number of rows in flight per subtask
 * @param deadline the time after which a row in flight counts as not scored; zero for none
 */
record PredictSettings(
    Map<String, String> operator,
    ErrorHandlingStrategy errors,
    RankOptions ranking,
    int maxConcurrentOperations,
    Duration deadline)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  PredictSettings {
    operator = Map.copyOf(operator);
  }
}
