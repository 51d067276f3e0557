package dev.crossencoder.sql;

import dev.crossencoder.model.RankOptions;
import dev.crossencoder.operator.ClassifyConfig;
import dev.crossencoder.operator.LabelThresholds;
import dev.crossencoder.sql.CrossEncoderModelOptions.ErrorHandlingStrategy;
import java.io.Serializable;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The validated options of one use of a model by ML_PREDICT.
 *
 * @param operator the options of the operator, by the operator's keys
 * @param models how the scores of each model become rows, by the names by which rows choose among
 *     them; one without a name if they do not choose
 * @param errors what happens to rows that cannot be scored
 * @param maxConcurrentOperations the largest number of rows in flight per subtask
 * @param deadline the time after which a row in flight counts as not scored; zero for none
 */
record PredictSettings(
    Map<String, String> operator,
    SortedMap<String, Results> models,
    ErrorHandlingStrategy errors,
    int maxConcurrentOperations,
    Duration deadline)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  PredictSettings {
    operator = Map.copyOf(operator);
    models = Collections.unmodifiableSortedMap(new TreeMap<>(models));
  }

  /**
   * How the scores of a model become rows.
   *
   * @param ranking which documents are in a result, and the smallest score of a pair
   * @param thresholds the scores that labels need for a row
   * @param classify the labels of a text, for the shape {@link ModelSchema.Shape#CLASSIFY}
   */
  record Results(RankOptions ranking, LabelThresholds thresholds, ClassifyConfig classify)
      implements Serializable {
    private static final long serialVersionUID = 1L;
  }
}
