package dev.crossencoder.model.bundle;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The input tensors through which a program takes a batch. */
public enum InputForm {
  /**
   * A packed batch: {@code input_ids}, {@code token_type_ids} and {@code position_ids} of shape
   * {@code [T]} without padding, and {@code offsets} of shape {@code [n + 1]}.
   */
  PACKED,

  /**
   * A padded batch: {@code input_ids}, {@code attention_mask} and, if the program has such an
   * input, {@code token_type_ids}, all of shape {@code [n, longest]}. The models of transformers
   * have these inputs.
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
