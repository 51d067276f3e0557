package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.stream.Stream;

/** Chooses the {@link PrefixCut} of a tokenizer. */
final class PrefixCuts {
  private PrefixCuts() {}

  /** Returns where texts may be cut for the tokenizer that a {@code tokenizer.json} describes. */
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
