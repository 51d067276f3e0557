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
 * The {@code added_tokens} of a {@code tokenizer.json}, with the ids that the library gives them: a
 * token that the model's vocabulary knows keeps its id, any other gets the next free one, whatever
 * the file says.
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

  /** Special tokens that were first added as not normalised. */
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

  /** Reads the tokens of a tokenizer, which {@link #write} replaces. */
  public static AddedVocabulary of(ObjectNode tokenizer) {
    return new AddedVocabulary(tokenizer);
  }

  /** Whether a token of this content has been added, with whatever flags. */
  boolean contains(String content) {
    return ids.containsKey(content);
  }

  /**
   * Adds tokens, or gives those that were added already other flags. A token that was there with
   * these very flags when the call began is passed over, even if another of the call changes them.
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
      // Versions of the library count differently, and some give an id that is taken.
      throw new InvalidModelException(
          "Cannot use a tokenizer that adds the token %s to %d pieces with ids up to %d. The ids must have no gaps, or the vocabulary must have the token."
              .formatted(token.content(), vocabularySize, maxId));
    }
    return firstFreeId;
  }

  /**
   * Writes the tokens into the tokenizer, in the order of their ids. The library goes on looking
   * for a special token in the text as it is, once it was told to, whatever it is told later.
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
