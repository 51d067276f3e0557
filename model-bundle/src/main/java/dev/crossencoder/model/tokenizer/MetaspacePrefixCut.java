package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Cut positions for tokenizers with a {@code Metaspace} pre-tokenizer, which splits before spaces
 * (SentencePiece models): before a single space between two characters that the normalizer keeps.
 *
 * <p>The normalizer replaces grapheme clusters one by one. Here the space and both neighbours are
 * clusters of their own, and the character map keeps them. So after the normalizer has stripped the
 * ends and collapsed spaces there is still one space between two other characters, and the
 * pre-tokenizer splits there. An added token crosses the space only if it contains one. Added
 * tokens with {@code lstrip} or {@code rstrip} extend over white space only, so they end at the
 * space or at the cut position.
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
          // Strip removes white space at the ends of the text only. A cut position is not there.
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
      // If the normalizer keeps all characters of a token, the normalized token has no space
      // either.
      if (!CharacterClasses.isPrintableAscii(content)
          || !content.chars().allMatch(c -> cut.isKept((char) c))) {
        return Optional.empty();
      }
    }
    return cut.mapsKeep(' ') ? Optional.of(cut) : Optional.empty();
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
          && isKept(text.charAt(i - 1))
          && isKept(text.charAt(i + 1))
          && (i == 1 || isClusterBoundary(text.charAt(i - 2)))
          && (i + 2 == text.length() || isClusterBoundary(text.charAt(i + 2)))) {
        return i;
      }
    }
    return 0;
  }

  /** Whether a character belongs to no grapheme cluster together with its neighbours. */
  private static boolean isClusterBoundary(char c) {
    return CharacterClasses.isWhitespace(c) || CharacterClasses.isSingleGrapheme(c);
  }

  /** Whether the normalizer replaces the character by one character that is not white space. */
  private boolean isKept(char c) {
    return lowercases
        ? CharacterClasses.isPrintableAscii(c) && mapsKeep(c) && mapsKeep(Character.toLowerCase(c))
        : CharacterClasses.isSingleGrapheme(c) && mapsKeep(c);
  }

  private boolean mapsKeep(char c) {
    return maps.stream().allMatch(map -> map.keeps(c));
  }
}
