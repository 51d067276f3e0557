package dev.crossencoder.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a text may be cut so that the tokens of the first part are the first tokens of the whole.
 * Where nothing is known of a tokeniser, nothing is cut.
 */
interface PrefixCut {
  /** Cuts nowhere. */
  PrefixCut NONE = (text, limit) -> 0;

  /** Returns the last place to cut at or before a limit within the text, or 0 if there is none. */
  int before(String text, int limit);

  /** Reads from {@code tokenizer.json} what is safe. */
  static PrefixCut of(JsonNode tokenizer) {
    return Stream.of(
            BertPrefixCut.of(tokenizer),
            ByteLevelPrefixCut.of(tokenizer),
            MetaspacePrefixCut.of(tokenizer))
        .flatMap(Optional::stream)
        .findFirst()
        .orElse(NONE);
  }
}
