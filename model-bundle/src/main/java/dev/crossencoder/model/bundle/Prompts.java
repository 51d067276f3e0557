package dev.crossencoder.model.bundle;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The prompts of a model. A prompt is a text that the model expects before the first text of a
 * pair.
 *
 * <p>Source: {@code BaseModel._resolve_prompt} and {@code InputFormatter.prepend_prompt_to_texts}
 * of sentence-transformers 5.7 and 6.2.
 *
 * @param texts the prompts by name, in the model's order
 * @param defaultName the name of the prompt that is used if the user chooses none
 */
public record Prompts(Map<String, String> texts, Optional<String> defaultName) {
  /** No prompts. */
  public static final Prompts NONE = new Prompts(Map.of(), Optional.empty());

  /**
   * Throws an {@link IllegalArgumentException} if {@code texts} has no prompt of the default name.
   */
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
   * Returns the text to put before the first text of a pair: {@code prompt} if it is given, else
   * the prompt of the name {@code promptName}, else the default prompt, else the empty text.
   *
   * @param model the name of the model in messages
   * @throws IllegalArgumentException if the model has no prompt of this name
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
