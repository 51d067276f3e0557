package dev.crossencoder.fuzz;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** All that is fuzzed. */
enum FuzzTarget {
  RECORD,
  OPTIONS,
  CONFIG_FILE,
  SAFETENSORS,
  BUNDLE_MANIFEST,
  SENTENCE_PIECE,
  TOKENIZER,
  CHECKPOINT;

  /** The name in folders and on command lines. */
  String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Inputs from real files, which are all accepted. */
  List<byte[]> seeds() throws IOException {
    return switch (this) {
      case RECORD -> RecordFuzz.seeds();
      case OPTIONS -> OptionsFuzz.seeds();
      case CONFIG_FILE -> ConfigFileFuzz.seeds();
      case SAFETENSORS -> SafetensorsFuzz.seeds();
      case BUNDLE_MANIFEST -> BundleManifestFuzz.seeds();
      case SENTENCE_PIECE -> SentencePieceFuzz.seeds();
      case TOKENIZER -> TokenizerFuzz.seeds();
      case CHECKPOINT -> CheckpointFuzz.seeds();
    };
  }

  /**
   * Tries an input.
   *
   * @return whether it was accepted
   * @throws AssertionError if it leads to anything but an answer or a refusal within {@link Bounds}
   */
  boolean accepts(byte[] input) throws IOException {
    return switch (this) {
      case RECORD -> RecordFuzz.accepts(input);
      case OPTIONS -> OptionsFuzz.accepts(input);
      case CONFIG_FILE -> ConfigFileFuzz.accepts(input);
      case SAFETENSORS -> SafetensorsFuzz.accepts(input);
      case BUNDLE_MANIFEST -> BundleManifestFuzz.accepts(input);
      case SENTENCE_PIECE -> SentencePieceFuzz.accepts(input);
      case TOKENIZER -> TokenizerFuzz.accepts(input);
      case CHECKPOINT -> CheckpointFuzz.accepts(input);
    };
  }

  /**
   * Finds a target by its key.
   *
   * @throws IllegalArgumentException if there is none
   */
  static FuzzTarget of(String key) {
    return Arrays.stream(values())
        .filter(known -> known.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid target: %s. It must be one of %s."
                        .formatted(
                            key,
                            Arrays.stream(values())
                                .map(FuzzTarget::key)
                                .collect(Collectors.joining(", ")))));
  }
}
