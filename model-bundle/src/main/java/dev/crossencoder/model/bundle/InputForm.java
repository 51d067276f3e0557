package dev.crossencoder.model.bundle;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a bundle's program takes the tokens of a batch. */
public enum InputForm {
  /**
   * {@code input_ids}, {@code token_type_ids}, {@code position_ids} {@code [T]} without padding,
   * and {@code offsets} {@code [n + 1]}.
   */
  PACKED,

  /**
   * {@code input_ids}, {@code attention_mask} and, if the program knows segments, {@code
   * token_type_ids} {@code [n, longest]}, as transformers' own models take them.
   */
  PADDED;

  /** The name in {@code bundle.json}: {@code packed}, {@code padded}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<InputForm> find(String key) {
    return Arrays.stream(values()).filter(form -> form.key().equals(key)).findFirst();
  }
}
