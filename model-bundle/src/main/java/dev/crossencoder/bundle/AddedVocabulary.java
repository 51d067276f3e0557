package dev.crossencoder.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The {@code added_tokens} of a {@code tokenizer.json}, with the ids that the library gives them: a
 * token that the model's vocabulary knows keeps its id, any other gets the next free one, whatever
 * the file says.
 *
 * <p>Source: {@code AddedVocabulary::add_tokens} in {@code tokenizer/added_vocabulary.rs} of
 * huggingface/tokenizers.
 */
final class AddedVocabulary {
  private final ObjectNode tokenizer;
  private final Map<String, Integer> vocabulary = new HashMap<>();
  private final int vocabularySize;
  private final int maxId;
  private final Map<String, Integer> ids = new HashMap<>();
  private final TreeMap<Integer, AddedToken> tokens = new TreeMap<>();

  private AddedVocabulary(ObjectNode tokenizer) {
    this.tokenizer = tokenizer;
    JsonNode vocab = tokenizer.path("model").path("vocab");
    if (vocab.isArray()) {
      for (int i = 0; i < vocab.size(); i++) {
        vocabulary.put(vocab.path(i).path(0).asText(), i);
      }
    } else {
      vocab.properties().forEach(piece -> vocabulary.put(piece.getKey(), id(piece)));
    }
    vocabularySize = vocab.size();
    maxId = vocabulary.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
    tokenizer.path("added_tokens").forEach(token -> add(AddedToken.parse(token)));
  }

  private static int id(Map.Entry<String, JsonNode> piece) {
    JsonNode id = piece.getValue();
    if (!id.isInt() || id.intValue() < 0) {
      throw new InvalidModelException(
          "Cannot use a tokenizer.json whose piece %s has the token id %s."
              .formatted(piece.getKey(), id));
    }
    return id.intValue();
  }

  /** Reads the tokens of a tokeniser, which {@link #write} replaces. */
  static AddedVocabulary of(ObjectNode tokenizer) {
    return new AddedVocabulary(tokenizer);
  }

  /** Whether a token of this content has been added, with whatever flags. */
  boolean contains(String content) {
    return ids.containsKey(content);
  }

  /** Adds a token, or gives one that was added already other flags. */
  void add(AddedToken token) {
    if (token.content().isEmpty() || tokens.containsValue(token)) {
      return;
    }
    Integer known = ids.getOrDefault(token.content(), vocabulary.get(token.content()));
    int id = known == null ? nextId(token) : known;
    ids.put(token.content(), id);
    tokens.put(id, token);
  }

  private int nextId(AddedToken token) {
    if (maxId >= vocabularySize) {
      // Versions of the library count differently, and some give an id that is taken.
      throw new InvalidModelException(
          "Cannot use a tokeniser that adds the token %s to %d pieces with ids up to %d. The ids must have no gaps, or the vocabulary must have the token."
              .formatted(token.content(), vocabularySize, maxId));
    }
    int next = vocabularySize;
    for (int id : ids.values()) {
      next = Math.max(next, id + 1);
    }
    return next;
  }

  /** Writes the tokens into the tokeniser, in the order of their ids. */
  void write() {
    ArrayNode array = tokenizer.putArray("added_tokens");
    tokens.forEach((id, token) -> array.add(token.toJson(id)));
  }
}
