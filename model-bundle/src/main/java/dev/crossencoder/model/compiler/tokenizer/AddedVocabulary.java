package dev.crossencoder.model.compiler.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.InvalidModelException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The {@code added_tokens} of a {@code tokenizer.json}, with the ids that the tokenizers library
 * assigns: a token in the model's vocabulary keeps its id, and any other token gets the next free
 * id. Ids in the file are ignored. Owned by one thread.
 *
 * <p>Source: {@code AddedVocabulary::add_tokens} in {@code tokenizer/added_vocabulary.rs} of
 * huggingface/tokenizers.
 */
public final class AddedVocabulary {
  private final ObjectNode tokenizer;
  private final Map<String, Integer> vocabulary = new HashMap<>();
  private final int vocabularySize;
  private final int maxId;
  private final Map<String, Integer> ids = new HashMap<>();
  private int firstFreeId;
  private final TreeMap<Integer, AddedToken> tokens = new TreeMap<>();

  private final Set<String> specials = new HashSet<>();

  /** Special tokens that were first added with {@code normalized: false}. */
  private final Set<String> rawSpecials = new HashSet<>();

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
    firstFreeId = vocabularySize;
    maxId = vocabulary.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
    List<AddedToken> ready = new ArrayList<>();
    tokenizer.path("added_tokens").forEach(token -> ready.add(AddedToken.parse(token)));
    addAll(ready);
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

  /** Reads the added tokens of a tokenizer; {@link #write} replaces them there. */
  public static AddedVocabulary of(ObjectNode tokenizer) {
    return new AddedVocabulary(tokenizer);
  }

  /** Whether a token with this content was added, with any flags. */
  boolean contains(String content) {
    return ids.containsKey(content);
  }

  /**
   * Adds tokens, or changes the flags of tokens that were added before. A token that already had
   * the same flags at the start of the call is skipped, even if another token of the call changes
   * them.
   */
  public void addAll(Collection<AddedToken> additions) {
    Set<AddedToken> before = new HashSet<>(tokens.values());
    additions.stream()
        .filter(token -> !token.content().isEmpty() && !before.contains(token))
        .forEach(this::put);
  }

  private void put(AddedToken token) {
    if (token.special() && specials.add(token.content()) && !token.normalized()) {
      rawSpecials.add(token.content());
    }
    Integer known = ids.getOrDefault(token.content(), vocabulary.get(token.content()));
    int id = known == null ? nextId(token) : known;
    ids.put(token.content(), id);
    tokens.put(id, token);
    firstFreeId = Math.max(firstFreeId, id + 1);
  }

  private int nextId(AddedToken token) {
    if (maxId >= vocabularySize) {
      // Versions of the tokenizers library count differently, and some assign an id that is taken.
      throw new InvalidModelException(
          "Cannot use a tokenizer that adds the token %s to %d pieces with ids up to %d. The ids must have no gaps, or the vocabulary must have the token."
              .formatted(token.content(), vocabularySize, maxId));
    }
    return firstFreeId;
  }

  /**
   * Writes the tokens to the tokenizer, ordered by id. A special token that was ever added with
   * {@code normalized: false} is written that way, because the tokenizers library keeps matching it
   * in the original text.
   */
  public void write() {
    ArrayNode array = tokenizer.putArray("added_tokens");
    tokens.forEach(
        (id, token) -> {
          boolean raw = rawSpecials.contains(token.content());
          array.add((raw ? token.withoutNormalized() : token).toJson(id));
        });
  }
}
