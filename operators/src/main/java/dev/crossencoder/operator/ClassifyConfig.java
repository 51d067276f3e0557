package dev.crossencoder.operator;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;

import dev.crossencoder.model.classification.CandidateLabels;
import dev.crossencoder.model.classification.ClassifyOptions;
import java.io.Serializable;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The validated options of a classification.
 *
 * @param labels the candidate labels of records without labels of their own; null for none
 * @param options how texts are classified
 * @param maxLabels the largest number of labels of a record
 */
@Internal
public record ClassifyConfig(List<String> labels, ClassifyOptions options, int maxLabels)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  public ClassifyConfig {
    labels = labels == null ? null : List.copyOf(labels);
    if (labels != null) {
      List<String> given = labels;
      CandidateLabels.problem(labels)
          .ifPresent(
              problem -> {
                throw new InvalidOptionException(
                    CrossEncoderFunctionOptions.CLASSIFY_LABELS, String.join(";", given), problem);
              });
    }
  }

  /**
   * Reads and validates the options.
   *
   * @throws InvalidOptionException if an option is invalid; the message names the key, the value
   *     and what to do
   */
  public static ClassifyConfig from(ReadableConfig config) {
    return new ClassifyConfig(
        read(config, CrossEncoderFunctionOptions.CLASSIFY_LABELS),
        options(config),
        read(config, CrossEncoderFunctionOptions.MAX_DOCUMENTS));
  }

  private static ClassifyOptions options(ReadableConfig config) {
    String template = read(config, CrossEncoderFunctionOptions.CLASSIFY_TEMPLATE);
    ClassifyOptions options = ClassifyOptions.DEFAULT;
    try {
      options = options.withTemplate(template);
    } catch (IllegalArgumentException e) {
      throw new InvalidOptionException(
          CrossEncoderFunctionOptions.CLASSIFY_TEMPLATE,
          template,
          "It must contain {} once, where the label is inserted.");
    }
    if (read(config, CrossEncoderFunctionOptions.CLASSIFY_MULTI_LABEL)) {
      options = options.withMultiLabel();
    }
    String entailment = read(config, CrossEncoderFunctionOptions.CLASSIFY_ENTAILMENT_LABEL);
    return entailment == null ? options : options.withEntailmentLabel(entailment);
  }
}
