package dev.crossencoder.model.compiler.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.io.JsonFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The added and special tokens in the files beside a {@code tokenizer.json}, or in the older files
 * of a checkpoint without one.
 *
 * <p>Source: {@code _from_pretrained} in {@code tokenization_utils_base.py} and {@code __init__} in
 * {@code tokenization_utils_fast.py} of transformers 4.57. If {@code tokenizer_config.json} has an
 * {@code added_tokens_decoder}, the two older files are ignored.
 */
final class DeclaredTokens {
  static final String SPECIAL_TOKENS_MAP = "special_tokens_map.json";
  static final String ADDED_TOKENS = "added_tokens.json";

  private static final String ADDITIONAL = "additional_special_tokens";
  private static final String EXTRA = "extra_special_tokens";

  /** The keys of special tokens, in the order in which new tokens are added. */
  private static final List<String> KEYS =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private final TokenizerClass tokenizerClass;

  /** Added tokens by their ids in the files. Only the order of the ids matters. */
  private final TreeMap<Integer, AddedToken> added = new TreeMap<>();

  /** The special token of each key. A token without flags is known by its content only. */
  private final Map<String, Token> special = new LinkedHashMap<>();

  /** The keys of {@link #special} whose token is an object in {@code tokenizer_config.json}. */
  private final Set<String> typed = new HashSet<>();

  private final Set<Token> additional = new LinkedHashSet<>();

  /** A token with flags, or only its content. */
  private record Token(String content, Optional<AddedToken> flags) {
    static Token text(String content) {
      return new Token(content, Optional.empty());
    }

    static Token flagged(AddedToken token) {
      return new Token(token.content(), Optional.of(token));
    }
  }

  private DeclaredTokens(TokenizerClass tokenizerClass) {
    this.tokenizerClass = tokenizerClass;
  }

  /**
   * Reads the tokens of a checkpoint with a {@code tokenizer.json}.
   *
   * @param tokenizer the content of {@code tokenizer.json}
   */
  static DeclaredTokens beside(
      JsonNode tokenizer, Path checkpoint, JsonNode tokenizerConfig, TokenizerClass named) {
    DeclaredTokens tokens = new DeclaredTokens(named);
    tokens.read(checkpoint, tokenizerConfig, Optional.of(tokenizer));
    for (TokenizerClass.SpecialToken token : named.specialTokens()) {
      tokens.complete(token, named::flags);
    }
    return tokens;
  }

  /** Reads the tokens of a checkpoint with the older files only. */
  static DeclaredTokens alone(Path checkpoint, JsonNode tokenizerConfig, TokenizerClass named) {
    DeclaredTokens tokens = new DeclaredTokens(named);
    tokens.read(checkpoint, tokenizerConfig, Optional.empty());
    for (TokenizerClass.SpecialToken token : named.specialTokens()) {
      tokens.complete(token, named::flagsOfConverted);
    }
    return tokens;
  }

  private interface Flags {
    Optional<AddedToken> of(String key, String content);
  }

  private void complete(TokenizerClass.SpecialToken token, Flags flags) {
    Token known = special.getOrDefault(token.key(), Token.text(token.content()));
    if (known != null && known.flags().isEmpty()) {
      known = new Token(known.content(), flags.of(token.key(), known.content()));
    }
    special.put(token.key(), known);
  }

  private void read(Path checkpoint, JsonNode config, Optional<JsonNode> tokenizer) {
    boolean additionalDeclared = readSpecial(config);
    Map<String, AddedToken> byContent = new HashMap<>();
    if (config.hasNonNull("added_tokens_decoder")) {
      JsonNode decoder = config.path("added_tokens_decoder");
      decoder
          .properties()
          .forEach(entry -> added.put(id(entry.getKey()), AddedToken.parse(entry.getValue())));
      added.values().forEach(token -> byContent.put(token.content(), token));
    } else {
      additionalDeclared |= readSpecialTokensMap(checkpoint.resolve(SPECIAL_TOKENS_MAP));
      readAddedTokens(checkpoint.resolve(ADDED_TOKENS));
      JsonNode ready =
          tokenizer.map(root -> root.path("added_tokens")).orElse(MissingNode.getInstance());
      for (JsonNode node : ready) {
        AddedToken token = AddedToken.parse(node);
        added.put(node.path("id").asInt(), token);
        byContent.put(token.content(), token);
      }
    }
    special.replaceAll(
        (key, token) ->
            token != null && byContent.containsKey(token.content())
                ? Token.flagged(byContent.get(token.content()))
                : token);
    if (!additionalDeclared) {
      tokenizerClass.additionalSpecialTokens().forEach(token -> additional.add(Token.text(token)));
    }
  }

  private static int id(String key) {
    try {
      return Integer.parseInt(key);
    } catch (NumberFormatException e) {
      throw new InvalidModelException(
          "Invalid key in added_tokens_decoder of tokenizer_config.json: %s. It must be a token id."
              .formatted(key),
          e);
    }
  }

  /** Reads the special tokens. Returns whether additional special tokens are declared. */
  private boolean readSpecial(JsonNode config) {
    for (String key : KEYS) {
      JsonNode node = config.path(key);
      if (node.isNull()) {
        special.put(key, null);
      } else if (!node.isMissingNode()) {
        special.put(key, token(node, key));
        if (node.isObject()) {
          typed.add(key);
        }
      }
    }
    config.path(ADDITIONAL).forEach(node -> additional.add(token(node, ADDITIONAL)));
    // transformers 5 writes a list, transformers 4 an object with names of its own.
    config.path(EXTRA).forEach(node -> additional.add(token(node, EXTRA)));
    return config.has(ADDITIONAL);
  }

  private boolean readSpecialTokensMap(Path file) {
    if (!Files.exists(file)) {
      return false;
    }
    JsonNode map = JsonFiles.readObject(file);
    for (String key : KEYS) {
      if (map.hasNonNull(key)) {
        special.put(key, token(map.path(key), key));
        typed.remove(key);
      }
    }
    for (JsonNode node : map.path(ADDITIONAL)) {
      additional.add(token(node, ADDITIONAL));
    }
    return map.has(ADDITIONAL);
  }

  private void readAddedTokens(Path file) {
    if (!Files.exists(file)) {
      return;
    }
    Set<String> declared = new HashSet<>();
    // When transformers reads this file, it does not yet count typed ones as special tokens.
    special.forEach(
        (key, token) -> {
          if (token != null && !typed.contains(key)) {
            declared.add(token.content());
          }
        });
    additional.forEach(token -> declared.add(token.content()));
    JsonFiles.readObject(file)
        .properties()
        .forEach(
            entry -> {
              JsonNode id = entry.getValue();
              if (!id.isInt()) {
                throw new InvalidModelException(
                    "Invalid id of %s in %s: %s. It must be a whole number."
                        .formatted(entry.getKey(), file, id));
              }
              String content = entry.getKey();
              added.put(
                  id.intValue(),
                  declared.contains(content)
                      ? AddedToken.special(content)
                      : AddedToken.ordinary(content));
            });
  }

  private static Token token(JsonNode node, String key) {
    if (node.isTextual()) {
      return Token.text(node.textValue());
    }
    if (node.isObject()) {
      return Token.flagged(AddedToken.parseSpecial(node));
    }
    throw new InvalidModelException(
        "Invalid %s of a tokenizer: %s. It must be a string or an object with its content."
            .formatted(key, node));
  }

  /**
   * Returns the content of a special token.
   *
   * @throws InvalidModelException if the files declare that there is none
   */
  String required(String key) {
    Token token = special.get(key);
    if (token == null) {
      throw new InvalidModelException(
          "Cannot build a tokenizer, its %s is null. It needs one.".formatted(key));
    }
    return token.content();
  }

  /** Adds the tokens to the added tokens of a tokenizer. */
  void addTo(AddedVocabulary vocabulary) {
    Map<String, Token> distinct = new LinkedHashMap<>();
    for (String key : KEYS) {
      Token token = special.get(key);
      if (token != null && !token.content().isEmpty()) {
        distinct.putIfAbsent(token.content(), token);
      }
    }
    additional.forEach(token -> distinct.putIfAbsent(token.content(), token));

    Set<AddedToken> wanted = new LinkedHashSet<>(added.values());
    Set<String> known = new HashSet<>();
    wanted.forEach(token -> known.add(token.content()));
    for (Token token : distinct.values()) {
      if (token.flags().isPresent()) {
        wanted.add(token.flags().get());
      } else if (!known.contains(token.content()) && !vocabulary.contains(token.content())) {
        wanted.add(AddedToken.special(token.content()));
      }
    }
    vocabulary.addAll(
        wanted.stream()
            .map(token -> distinct.containsKey(token.content()) ? token.asSpecial() : token)
            .toList());
  }
}
