package dev.crossencoder.cli.score;

import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The names that the options of the operator have in {@code score}. */
final class OptionNames {
  private static final String PREFIX = "cross-encoder.";

  /** The options that are not called like their keys. */
  private static final Map<String, String> OTHERS =
      Map.of(
          CrossEncoderFunctionOptions.CLASSIFY_LABELS.key(), "--labels",
          CrossEncoderFunctionOptions.CLASSIFY_TEMPLATE.key(), "--template",
          CrossEncoderFunctionOptions.CLASSIFY_MULTI_LABEL.key(), "--multi-label",
          CrossEncoderFunctionOptions.CLASSIFY_ENTAILMENT_LABEL.key(), "--entailment-label");

  /** Longer ones first: some keys begin with another one. */
  private static final List<String> KEYS =
      CrossEncoderFunctionOptions.all().stream()
          .map(option -> option.key())
          .sorted(Comparator.comparingInt(String::length).reversed())
          .toList();

  private OptionNames() {}

  /** Returns a message of the operator with the names of this command. */
  static String in(String message) {
    String translated = message;
    for (String key : KEYS) {
      translated =
          translated.replace(
              key,
              OTHERS.getOrDefault(key, "--" + key.substring(PREFIX.length()).replace('.', '-')));
    }
    return translated;
  }
}
