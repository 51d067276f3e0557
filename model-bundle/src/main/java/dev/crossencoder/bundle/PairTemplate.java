package dev.crossencoder.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How two tokenised texts and the special tokens around them become one sequence, and which segment
 * ({@code token_type_ids}) each token is in. Read from {@code post_processor} in {@code
 * tokenizer.json}.
 */
final class PairTemplate {
  private static final int MAX_SPECIAL_TOKENS = 16;

  private final List<Piece> pieces;
  private final int specialTokens;

  private enum Source {
    FIRST,
    SECOND,
    SPECIAL
  }

  /** One part of the sequence; {@code id} counts for special tokens only. */
  private record Piece(Source source, int id, int typeId) {}

  private PairTemplate(List<Piece> pieces) {
    this.pieces = List.copyOf(pieces);
    this.specialTokens =
        (int) pieces.stream().filter(piece -> piece.source() == Source.SPECIAL).count();
  }

  /**
   * Reads the template of a tokeniser.
   *
   * @throws InvalidModelException if its post-processor is of a kind that is not known
   */
  static PairTemplate parse(JsonNode tokenizer) {
    JsonNode processor = tokenizer.path("post_processor");
    String type = processor.path("type").asText("");
    PairTemplate template =
        switch (type) {
          case "TemplateProcessing" -> parseTemplate(processor);
          case "BertProcessing" -> bert(processor);
          default ->
              throw new InvalidModelException(
                  "Cannot use a tokenizer.json with the post_processor %s. It must be TemplateProcessing or BertProcessing."
                      .formatted(type.isEmpty() ? "null" : type));
        };
    long first = template.pieces.stream().filter(p -> p.source() == Source.FIRST).count();
    long second = template.pieces.stream().filter(p -> p.source() == Source.SECOND).count();
    if (first != 1 || second != 1 || template.specialTokens > MAX_SPECIAL_TOKENS) {
      throw new InvalidModelException(
          "Cannot use a tokenizer.json whose pair template holds text A %d times, text B %d times and %d special tokens. It must hold each text once and at most %d special tokens."
              .formatted(first, second, template.specialTokens, MAX_SPECIAL_TOKENS));
    }
    return template;
  }

  /** The number of tokens that the template adds to the two texts. */
  int specialTokens() {
    return specialTokens;
  }

  /** The largest id among the special tokens. */
  int maxSpecialId() {
    return pieces.stream().mapToInt(Piece::id).max().orElse(0);
  }

  /** The largest segment id. */
  int maxTypeId() {
    return pieces.stream().mapToInt(Piece::typeId).max().orElse(0);
  }

  /** Joins the first tokens of two texts. */
  EncodedPair join(
      int[] first, int firstLength, int[] second, int secondLength, boolean truncated) {
    int length = firstLength + secondLength + specialTokens;
    int[] inputIds = new int[length];
    int[] tokenTypeIds = new int[length];
    int position = 0;
    for (Piece piece : pieces) {
      int end = position;
      switch (piece.source()) {
        case FIRST -> {
          System.arraycopy(first, 0, inputIds, position, firstLength);
          end += firstLength;
        }
        case SECOND -> {
          System.arraycopy(second, 0, inputIds, position, secondLength);
          end += secondLength;
        }
        case SPECIAL -> inputIds[end++] = piece.id();
      }
      Arrays.fill(tokenTypeIds, position, end, piece.typeId());
      position = end;
    }
    return new EncodedPair(inputIds, tokenTypeIds, truncated);
  }

  private static PairTemplate parseTemplate(JsonNode processor) {
    List<Piece> pieces = new ArrayList<>();
    for (JsonNode part : processor.path("pair")) {
      if (part.has("SpecialToken")) {
        JsonNode special = part.path("SpecialToken");
        JsonNode ids =
            processor.path("special_tokens").path(special.path("id").asText()).path("ids");
        if (!ids.isArray() || ids.isEmpty()) {
          throw new InvalidModelException(
              "Cannot use a tokenizer.json whose template names the special token %s without its id."
                  .formatted(special.path("id")));
        }
        for (JsonNode id : ids) {
          pieces.add(new Piece(Source.SPECIAL, id(id), typeId(special)));
        }
      } else {
        JsonNode sequence = part.path("Sequence");
        Source source = sequence.path("id").asText().equals("A") ? Source.FIRST : Source.SECOND;
        pieces.add(new Piece(source, 0, typeId(sequence)));
      }
    }
    return new PairTemplate(pieces);
  }

  private static PairTemplate bert(JsonNode processor) {
    int classifier = id(processor.path("cls").path(1));
    int separator = id(processor.path("sep").path(1));
    return new PairTemplate(
        List.of(
            new Piece(Source.SPECIAL, classifier, 0),
            new Piece(Source.FIRST, 0, 0),
            new Piece(Source.SPECIAL, separator, 0),
            new Piece(Source.SECOND, 0, 1),
            new Piece(Source.SPECIAL, separator, 1)));
  }

  private static int id(JsonNode node) {
    if (!node.isInt() || node.intValue() < 0) {
      throw new InvalidModelException(
          "Cannot use a tokenizer.json whose template has the token id %s.".formatted(node));
    }
    return node.intValue();
  }

  private static int typeId(JsonNode node) {
    JsonNode type = node.path("type_id");
    if (!type.isInt() || type.intValue() < 0) {
      throw new InvalidModelException(
          "Cannot use a tokenizer.json whose template has the type_id %s.".formatted(type));
    }
    return type.intValue();
  }
}
