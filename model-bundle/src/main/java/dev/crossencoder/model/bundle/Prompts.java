package dev.crossencoder.model.bundle;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a model was trained to read before the first text of a pair, by names.
 *
 * <p>Source: {@code BaseModel._resolve_prompt} and {@code InputFormatter.prepend_prompt_to_texts}
 * of sentence-transformers 5.7 and 6.2.
 *
 * @param texts the prompts by their names, in the model's order
 * @param defaultName which of them is used where no other is chosen
 */
public record Prompts(Map<String, String> texts, Optional<String> defaultName) {
  /** Those of a model that was trained without. */
  public static final Prompts NONE = new Prompts(Map.of(), Optional.empty());

  /** Creates some; the default must be one of them. */
  public Prompts {
    texts = Collections.unmodifiableMap(new LinkedHashMap<>(texts));
    requireNonNull(defaultName, "defaultName is null");
    if (defaultName.isPresent() && !texts.containsKey(defaultName.get())) {
      throw new IllegalArgumentException(
          "Invalid default prompt name: %s. It must be one of %s."
              .formatted(defaultName.get(), names(texts)));
    }
  }

  boolean isEmpty() {
    return texts.isEmpty();
  }

  /**
   * Returns the text to put before the first text of a pair: the given prompt, else the prompt of
   * the given name, else the default prompt; the empty text if there is none of them.
   *
   * @param model the model's name, for the message of an error
   * @throws IllegalArgumentException if the model has no prompt of the given name
   */
  public String choose(String model, Optional<String> prompt, Optional<String> promptName) {
    if (prompt.isPresent()) {
      return prompt.get();
    }
    Optional<String> name = promptName.or(() -> defaultName);
    if (name.isPresent() && !texts.containsKey(name.get())) {
      throw new IllegalArgumentException(
          "Invalid prompt name: %s. The model %s has %s. Name one of its prompts, or give the prompt itself."
              .formatted(name.get(), model, names(texts)));
    }
    return name.map(texts::get).orElse("");
  }

  private static String names(Map<String, String> texts) {
    return texts.isEmpty() ? "no prompts" : "the prompts " + String.join(", ", texts.keySet());
  }
}
