package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.stream.Stream;

/** Chooses the {@link PrefixCut} for a tokenizer. */
final class PrefixCuts {
  private PrefixCuts() {}

  /**
   * Returns the rule for a tokenizer, or {@link PrefixCut#NONE}.
   *
   * @param tokenizer the content of {@code tokenizer.json}
   */
  static PrefixCut of(JsonNode tokenizer) {
    return Stream.of(
            BertPrefixCut.of(tokenizer),
            ByteLevelPrefixCut.of(tokenizer),
            MetaspacePrefixCut.of(tokenizer))
        .flatMap(Optional::stream)
        .findFirst()
        .orElse(PrefixCut.NONE);
  }
}
