package dev.crossencoder.operator;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;
import static dev.crossencoder.operator.InvalidOptionException.check;

import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The models of a task: one, or several among which each record chooses by name.
 *
 * @param models the options of each model by its name; {@link #UNNAMED} is the name of the only
 *     model if records do not choose
 * @param byDefault the name of the model of records that name none; null if these are failures
 * @param maxLoaded the largest number of models that the task holds at the same time
 * @param maxBytes the largest total size of their files
 */
record ModelsConfig(
    SortedMap<String, ScoringConfig> models, String byDefault, int maxLoaded, long maxBytes)
    implements Serializable {
  /** The name of the only model if records do not choose. */
  static final String UNNAMED = ModelOptions.UNNAMED;

  ModelsConfig {
    models = Collections.unmodifiableSortedMap(new TreeMap<>(models));
  }

  /** Creates the configuration of a task with one model. */
  static ModelsConfig of(ScoringConfig only) {
    return new ModelsConfig(
        new TreeMap<>(Map.of(UNNAMED, only)), UNNAMED, Integer.MAX_VALUE, Long.MAX_VALUE);
  }

  /**
   * Creates the configuration of a task.
   *
   * @param models the options of each model by its name
   * @param options the options of the task
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  static ModelsConfig of(SortedMap<String, ScoringConfig> models, ReadableConfig options) {
    String byDefault = read(options, CrossEncoderFunctionOptions.ROUTE_DEFAULT);
    Integer maxLoaded = read(options, CrossEncoderFunctionOptions.MODELS_MAX_LOADED);
    MemorySize maxSize = read(options, CrossEncoderFunctionOptions.MODELS_MAX_SIZE);
    if (models.containsKey(UNNAMED)) {
      requireModels(CrossEncoderFunctionOptions.ROUTE_DEFAULT, byDefault);
      requireModels(CrossEncoderFunctionOptions.MODELS_MAX_LOADED, maxLoaded);
      requireModels(CrossEncoderFunctionOptions.MODELS_MAX_SIZE, maxSize);
      return of(models.get(UNNAMED));
    }
    check(
        byDefault == null || models.containsKey(byDefault),
        CrossEncoderFunctionOptions.ROUTE_DEFAULT,
        byDefault,
        "There is no such name in %s: choose one of %s."
            .formatted(
                CrossEncoderFunctionOptions.MODELS.key(), String.join(", ", models.keySet())));
    check(
        maxLoaded == null || maxLoaded > 0,
        CrossEncoderFunctionOptions.MODELS_MAX_LOADED,
        maxLoaded,
        "It must be positive; leave it out to keep all models loaded.");
    check(
        maxSize == null || maxSize.getBytes() > 0,
        CrossEncoderFunctionOptions.MODELS_MAX_SIZE,
        maxSize,
        "It must be positive; leave it out to keep all models loaded.");
    return new ModelsConfig(
        models,
        byDefault,
        maxLoaded == null ? Integer.MAX_VALUE : maxLoaded,
        maxSize == null ? Long.MAX_VALUE : maxSize.getBytes());
  }

  private static void requireModels(ConfigOption<?> option, Object value) {
    check(
        value == null,
        option,
        value,
        "It is for several models: name them with %s, or leave it out."
            .formatted(CrossEncoderFunctionOptions.MODELS.key()));
  }

  /**
   * Returns the name of the model of a record.
   *
   * @param named the name that the record has; null if it has none
   * @throws InvalidRecordException if there is no such model
   */
  String route(String named) throws InvalidRecordException {
    String name = named == null ? byDefault : named;
    if (name == null) {
      throw new InvalidRecordException(
          Failure.UNKNOWN_MODEL,
          "The record names no model, and %s is not set. Models: %s."
              .formatted(
                  CrossEncoderFunctionOptions.ROUTE_DEFAULT.key(),
                  String.join(", ", models.keySet())));
    }
    if (!models.containsKey(name)) {
      throw new InvalidRecordException(
          Failure.UNKNOWN_MODEL,
          "The record names a model that is not one of %s: %s."
              .formatted(
                  CrossEncoderFunctionOptions.MODELS.key(), String.join(", ", models.keySet())));
    }
    return name;
  }

  /** Returns this configuration for models that score only with cores that no other one wants. */
  ModelsConfig inBackground() {
    SortedMap<String, ScoringConfig> background = new TreeMap<>();
    models.forEach((name, model) -> background.put(name, model.inBackground()));
    return new ModelsConfig(background, byDefault, maxLoaded, maxBytes);
  }

  /** The models that the options name, by the names by which records choose them. */
  SortedMap<String, String> named() {
    SortedMap<String, String> named = new TreeMap<>();
    models.forEach((name, model) -> named.put(name, model.source().model()));
    return named;
  }

  /** Whether records choose among models by name. */
  boolean isRouted() {
    return !models.containsKey(UNNAMED);
  }

  /** The options of the task, which are the same for all models. */
  TaskConfig task() {
    return models.get(models.firstKey()).task();
  }

  /** The options for the device, which are the same for all models. */
  DeviceConfig device() {
    return models.get(models.firstKey()).device();
  }

  /** Whether some models may have to be given back before others are loaded. */
  boolean isBounded() {
    return maxLoaded < models.size() || maxBytes < Long.MAX_VALUE;
  }
}
