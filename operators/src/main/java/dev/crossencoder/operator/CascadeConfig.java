package dev.crossencoder.operator;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;
import static dev.crossencoder.operator.InvalidOptionException.check;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.Cascade;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import java.io.Serializable;
import java.util.Optional;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The validated options of a cascade.
 *
 * @param model the first model; null for no cascade, and then the others are null
 * @param keep null if it is not set
 * @param margin null if it is not set
 */
record CascadeConfig(String model, String modelDigest, Integer keep, Float margin)
    implements Serializable {
  static final CascadeConfig NONE = new CascadeConfig(null, null, null, null);

  private static final long serialVersionUID = 1L;

  CascadeConfig {
    check(
        model == null || !model.isBlank(),
        CrossEncoderFunctionOptions.CASCADE_MODEL,
        model,
        "Name a model as %s does, or leave it out."
            .formatted(CrossEncoderFunctionOptions.MODEL.key()));
    InvalidOptionException.checkDigest(
        CrossEncoderFunctionOptions.CASCADE_MODEL_DIGEST, modelDigest);
    InvalidOptionException.checkPositive(CrossEncoderFunctionOptions.CASCADE_KEEP, keep);
    check(
        margin == null || (margin >= 0 && margin <= 1),
        CrossEncoderFunctionOptions.CASCADE_MARGIN,
        margin,
        "It must be from 0 to 1.");
    requireModel(model, CrossEncoderFunctionOptions.CASCADE_MODEL_DIGEST, modelDigest);
    requireModel(model, CrossEncoderFunctionOptions.CASCADE_KEEP, keep);
    requireModel(model, CrossEncoderFunctionOptions.CASCADE_MARGIN, margin);
    check(
        keep == null || margin == null,
        CrossEncoderFunctionOptions.CASCADE_MARGIN,
        margin,
        "It is for records with pairs, and %s is for lists of documents: set one of them."
            .formatted(CrossEncoderFunctionOptions.CASCADE_KEEP.key()));
  }

  private static void requireModel(String model, ConfigOption<?> option, Object value) {
    check(
        value == null || model != null,
        option,
        value,
        "It belongs to a cascade: name the first model with %s, or leave it out."
            .formatted(CrossEncoderFunctionOptions.CASCADE_MODEL.key()));
  }

  /**
   * Reads and validates the options.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  static CascadeConfig from(ReadableConfig config) {
    boolean keepIsSet = config.getOptional(CrossEncoderFunctionOptions.CASCADE_KEEP).isPresent();
    return new CascadeConfig(
        read(config, CrossEncoderFunctionOptions.CASCADE_MODEL),
        read(config, CrossEncoderFunctionOptions.CASCADE_MODEL_DIGEST),
        keepIsSet ? read(config, CrossEncoderFunctionOptions.CASCADE_KEEP) : null,
        read(config, CrossEncoderFunctionOptions.CASCADE_MARGIN));
  }

  boolean isSet() {
    return model != null;
  }

  /**
   * Checks the options for records with a query and documents.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  void requireLists() {
    check(
        margin == null,
        CrossEncoderFunctionOptions.CASCADE_MARGIN,
        margin,
        "It is for records with pairs. These have lists of documents: leave it out, and choose the documents for the main model with %s."
            .formatted(CrossEncoderFunctionOptions.CASCADE_KEEP.key()));
  }

  /**
   * Checks the options for records with pairs.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  void requirePairs() {
    check(
        keep == null,
        CrossEncoderFunctionOptions.CASCADE_KEEP,
        keep,
        "It is for lists of documents. These records have pairs: leave it out, and set %s."
            .formatted(CrossEncoderFunctionOptions.CASCADE_MARGIN.key()));
    check(
        model == null || margin != null,
        CrossEncoderFunctionOptions.CASCADE_MODEL,
        model,
        "Records with pairs need %s, too: how sure this model must be for its answer to stand."
            .formatted(CrossEncoderFunctionOptions.CASCADE_MARGIN.key()));
  }

  /**
   * Checks the options for a classification, which has no cascade.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  void requireNone() {
    check(
        model == null,
        CrossEncoderFunctionOptions.CASCADE_MODEL,
        model,
        "A classification by candidate labels needs the logits of one model for all labels and has no cascade: leave it out.");
  }

  /**
   * Returns the rule by which the main model gets its pairs.
   *
   * @param minScore the smallest score of a result; null for any
   * @throws InvalidOptionException if the first model does not fit
   */
  Cascade rule(Bundle first, Bundle main, Float minScore) {
    BundleManifest manifest = first.manifest();
    boolean labelled = manifest.numLabels() > 1 || main.manifest().numLabels() > 1;
    check(
        !labelled || manifest.labels().equals(main.manifest().labels()),
        CrossEncoderFunctionOptions.CASCADE_MODEL,
        model,
        "Its labels are %s, and those of %s are %s. Both models of a cascade need the same labels in the same order: choose another one."
            .formatted(
                String.join(", ", manifest.labels()),
                main.manifest().name(),
                String.join(", ", main.manifest().labels())));
    if (margin == null) {
      check(
          !labelled,
          CrossEncoderFunctionOptions.CASCADE_MODEL,
          model,
          "It has %d labels. A cascade of lists ranks documents by models with one label: choose such models."
              .formatted(manifest.numLabels()));
      return Cascade.keep(
          keep == null ? CrossEncoderFunctionOptions.CASCADE_KEEP.defaultValue() : keep);
    }
    Optional<Activation> activation = manifest.activation().known();
    boolean gives0To1 =
        manifest.isCalibrated()
            || activation.equals(Optional.of(Activation.SIGMOID))
            || activation.equals(Optional.of(Activation.SOFTMAX));
    boolean logits = labelled && activation.equals(Optional.of(Activation.IDENTITY));
    check(
        gives0To1 || logits,
        CrossEncoderFunctionOptions.CASCADE_MARGIN,
        margin,
        "It compares probabilities, and the activation of %s is %s. Calibrate that model ('cross-encoder calibrate'), or choose one whose scores are from 0 to 1."
            .formatted(manifest.name(), manifest.activation()));
    check(
        labelled || minScore == null || (minScore >= 0 && minScore <= 1),
        CrossEncoderFunctionOptions.MIN_SCORE,
        minScore,
        "With %s it must be from 0 to 1, because the scores of both models are compared with it."
            .formatted(CrossEncoderFunctionOptions.CASCADE_MARGIN.key()));
    return Cascade.margin(
        margin, minScore == null ? 0.5f : minScore, logits && !manifest.isCalibrated());
  }
}
