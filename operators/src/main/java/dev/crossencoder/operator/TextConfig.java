package dev.crossencoder.operator;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;
import static dev.crossencoder.operator.InvalidOptionException.check;

import dev.crossencoder.model.tokenizer.Truncation;
import java.io.Serializable;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The validated options that say how a model reads texts.
 *
 * @param maxLength the largest number of tokens of a pair; null for the model's own
 * @param prompt text before the first text of each pair; null for the model's own
 * @param promptName the name of one of the model's prompts; null for its default
 */
record TextConfig(
    Integer maxLength,
    Truncation truncation,
    String prompt,
    String promptName,
    LongDocumentConfig longDocument)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  TextConfig {
    check(
        maxLength == null || maxLength >= 4,
        CrossEncoderFunctionOptions.MAX_LENGTH,
        maxLength,
        "It must be at least 4, room for special tokens and some text; leave it out for the model's own.");
    check(
        prompt == null || promptName == null,
        CrossEncoderFunctionOptions.PROMPT_NAME,
        promptName,
        "Set it or %s, not both.".formatted(CrossEncoderFunctionOptions.PROMPT.key()));
  }

  /**
   * Reads and validates the options.
   *
   * @param byDefault which text is truncated unless the options say otherwise
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  static TextConfig from(ReadableConfig config, Truncation byDefault) {
    Truncation chosen = read(config, CrossEncoderFunctionOptions.TRUNCATION).truncation();
    boolean isSet = config.getOptional(CrossEncoderFunctionOptions.TRUNCATION).isPresent();
    return new TextConfig(
        read(config, CrossEncoderFunctionOptions.MAX_LENGTH),
        isSet ? chosen : byDefault,
        read(config, CrossEncoderFunctionOptions.PROMPT),
        read(config, CrossEncoderFunctionOptions.PROMPT_NAME),
        LongDocumentConfig.from(config));
  }

  /**
   * Returns the options of the first model of a cascade: it divides long texts as the main model
   * does, without evidence. Lengths and prompts are its own.
   */
  TextConfig ofFirstModel() {
    return new TextConfig(
        null,
        CrossEncoderFunctionOptions.TRUNCATION.defaultValue().truncation(),
        null,
        null,
        longDocument.withoutEvidence());
  }
}
