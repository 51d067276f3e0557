package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Cuts for tokenizers that split before spaces ({@code Metaspace}, of SentencePiece models): before
 * a single space between characters that stand for themselves.
 *
 * <p>The normalizer works on clusters of characters one after the other. The space and its
 * neighbours are clusters of their own, and stay as they are if the character map keeps them; so
 * the space is still one, and still between others, when the normalizer strips the ends, joins
 * spaces, and the pre-tokenizer splits. An added token reaches over the space only if it holds one.
 * Tokens that take the white space around them stop at the space, or at the cut.
 */
final class MetaspacePrefixCut implements PrefixCut {
  private static final Set<String> SPLITTERS = Set.of("Punctuation", "WhitespaceSplit");

  private final List<CharacterMap> maps;
  private final boolean lowercases;

  private MetaspacePrefixCut(List<CharacterMap> maps, boolean lowercases) {
    this.maps = List.copyOf(maps);
    this.lowercases = lowercases;
  }

  static Optional<PrefixCut> of(JsonNode tokenizer) {
    List<CharacterMap> maps = new ArrayList<>();
    boolean lowercases = false;
    for (JsonNode step : steps(tokenizer.path("normalizer"), "normalizers")) {
      switch (step.path("type").asText()) {
        case "Precompiled" -> maps.add(characterMap(step));
        case "Lowercase" -> lowercases = true;
        case "Strip" -> {
          // Only white space at the ends, which is nowhere near a cut.
        }
        case "Replace" -> {
          if (!step.path("pattern").path("Regex").asText().equals(" {2,}")) {
            return Optional.empty();
          }
        }
        default -> {
          return Optional.empty();
        }
      }
    }
    if (!splits(steps(tokenizer.path("pre_tokenizer"), "pretokenizers"))) {
      return Optional.empty();
    }
    MetaspacePrefixCut cut = new MetaspacePrefixCut(maps, lowercases);
    for (JsonNode token : tokenizer.path("added_tokens")) {
      String content = token.path("content").asText();
      // A token whose characters stay has no space in its normal form either.
      if (!CharacterClasses.isPlain(content)
          || !content.chars().allMatch(c -> cut.stays((char) c))) {
        return Optional.empty();
      }
    }
    return cut.keeps(' ') ? Optional.of(cut) : Optional.empty();
  }

  private static CharacterMap characterMap(JsonNode step) {
    String map = step.path("precompiled_charsmap").asText();
    return CharacterMap.parse(Base64.getDecoder().decode(map), TokenizerJson.FILE);
  }

  private static boolean splits(List<JsonNode> preTokenizers) {
    boolean splits = false;
    for (JsonNode step : preTokenizers) {
      String type = step.path("type").asText();
      if (type.equals("Metaspace")) {
        splits = step.path("split").asBoolean(true);
      } else if (!SPLITTERS.contains(type)) {
        return false;
      }
    }
    return splits;
  }

  private static List<JsonNode> steps(JsonNode node, String member) {
    List<JsonNode> steps = new ArrayList<>();
    if (node.path("type").asText().equals("Sequence")) {
      node.path(member).forEach(steps::add);
    } else if (node.isObject()) {
      steps.add(node);
    }
    return steps;
  }

  @Override
  public int before(String text, int limit) {
    for (int i = Math.min(limit, text.length() - 2); i > 0; i--) {
      if (text.charAt(i) == ' '
          && stays(text.charAt(i - 1))
          && stays(text.charAt(i + 1))
          && (i == 1 || ends(text.charAt(i - 2)))
          && (i + 2 == text.length() || ends(text.charAt(i + 2)))) {
        return i;
      }
    }
    return 0;
  }

  /** Whether a character does not reach into the cluster of its neighbour. */
  private static boolean ends(char c) {
    return CharacterClasses.isSpace(c) || CharacterClasses.standsAlone(c);
  }

  private boolean stays(char c) {
    return lowercases
        ? CharacterClasses.isPrintable(c) && keeps(c) && keeps(Character.toLowerCase(c))
        : CharacterClasses.standsAlone(c) && keeps(c);
  }

  private boolean keeps(char c) {
    return maps.stream().allMatch(map -> map.keeps(c));
  }
}
