package dev.crossencoder.benchmark.checkpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The sizes of the measured models, each that of a pretrained cross-encoder. */
public enum ModelSize {
  TINYBERT_L2("cross-encoder/ms-marco-TinyBERT-L2-v2"),
  MINILM_L2("cross-encoder/ms-marco-MiniLM-L2-v2"),
  MINILM_L6("cross-encoder/ms-marco-MiniLM-L6-v2"),
  MINILM_L12("cross-encoder/ms-marco-MiniLM-L12-v2"),
  ELECTRA_BASE("cross-encoder/ms-marco-electra-base"),
  ROBERTA_BASE("cross-encoder/stsb-roberta-base"),
  DEBERTA_V3_SMALL("cross-encoder/nli-deberta-v3-small");

  private final String configuration;

  ModelSize(String configuration) {
    this.configuration = configuration;
  }

  /** The pretrained model with this configuration. */
  public String configuration() {
    return configuration;
  }

  /** The name in options and files. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static List<String> keys() {
    return Arrays.stream(values()).map(ModelSize::key).toList();
  }

  public static ModelSize parse(String key) {
    return Arrays.stream(values())
        .filter(size -> size.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid size: %s. It must be one of %s."
                        .formatted(key, String.join(", ", keys()))));
  }
}
