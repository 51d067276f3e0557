package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.InvalidModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The pair template of a tokenizer: how the tokens of two texts and the special tokens are joined
 * to one sequence, and the segment id ({@code token_type_ids}) of each token. It is read from
 * {@code post_processor} in {@code tokenizer.json}. Immutable.
 */
public final class PairTemplate {
  private static final int MAX_SPECIAL_TOKENS = 16;

  private final List<Piece> pieces;
  private final int specialTokens;

  private enum Source {
    FIRST,
    SECOND,
    SPECIAL
  }

  /** One element of the sequence. {@code id} is 0 unless the source is {@code SPECIAL}. */
  private record Piece(Source source, int id, int typeId) {}

  private PairTemplate(List<Piece> pieces) {
    this.pieces = List.copyOf(pieces);
    this.specialTokens =
        (int) pieces.stream().filter(piece -> piece.source() == Source.SPECIAL).count();
  }

  /**
   * Reads the pair template of a tokenizer.
   *
   * @param tokenizer the content of {@code tokenizer.json}
   * @throws InvalidModelException if the post-processor is not supported or damaged
   */
  public static PairTemplate parse(JsonNode tokenizer) {
    JsonNode processor = templateProcessor(tokenizer.path("post_processor"));
    PairTemplate template =
        switch (processor.path("type").asText()) {
          case "TemplateProcessing" -> parseTemplate(processor);
          case "BertProcessing" -> bert(processor);
          case "RobertaProcessing" -> roberta(processor);
          default -> throw unknown(processor);
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

  /**
   * Returns the only post-processor that adds tokens. A sequence may also contain {@code
   * ByteLevel}, which changes offsets only.
   */
  private static JsonNode templateProcessor(JsonNode processor) {
    if (!processor.path("type").asText().equals("Sequence")) {
      return processor;
    }
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode part : processor.path("processors")) {
      if (!part.path("type").asText().equals("ByteLevel")) {
        found.add(part);
      }
    }
    if (found.size() != 1) {
      throw new InvalidModelException(
          "Cannot use a tokenizer.json whose post_processor is a Sequence of %d processors beside ByteLevel. It must be one."
              .formatted(found.size()));
    }
    return found.get(0);
  }

  private static InvalidModelException unknown(JsonNode processor) {
    return new InvalidModelException(
        "Cannot use a tokenizer.json with the post_processor %s. It must be TemplateProcessing, BertProcessing or RobertaProcessing."
            .formatted(processor.path("type").asText("null")));
  }

  /**
   * Sets all segment ids in the post-processor of a {@code tokenizer.json} to 0.
   *
   * @throws InvalidModelException if the post-processor is not supported
   */
  public static void clearSegments(ObjectNode tokenizer) {
    JsonNode processor = templateProcessor(tokenizer.path("post_processor"));
    switch (processor.path("type").asText()) {
      case "TemplateProcessing" -> {
        for (String template : List.of("single", "pair")) {
          for (JsonNode part : processor.path(template)) {
            for (JsonNode element : part) {
              if (element instanceof ObjectNode object) {
                object.put("type_id", 0);
              }
            }
          }
        }
      }
      case "BertProcessing" -> {
        JsonNode classifier = processor.path("cls");
        JsonNode separator = processor.path("sep");
        ObjectNode template =
            TokenizerJson.bertTemplate(
                classifier.path(0).asText(),
                id(classifier.path(1)),
                separator.path(0).asText(),
                id(separator.path(1)));
        tokenizer.set("post_processor", template);
        clearSegments(tokenizer);
      }
      case "RobertaProcessing" -> {
        // RobertaProcessing always has the segment id 0.
      }
      default -> throw unknown(processor);
    }
  }

  /** The number of special tokens that the template adds. */
  public int specialTokens() {
    return specialTokens;
  }

  /** The largest id of the special tokens; 0 if there are none. */
  public int maxSpecialId() {
    return pieces.stream().mapToInt(Piece::id).max().orElse(0);
  }

  /** Whether every pair ends with the special token of this id. */
  public boolean endsWith(int id) {
    Piece last = pieces.get(pieces.size() - 1);
    return last.source() == Source.SPECIAL && last.id() == id;
  }

  /** The largest segment id. */
  public int maxTypeId() {
    return pieces.stream().mapToInt(Piece::typeId).max().orElse(0);
  }

  /**
   * Joins the tokens of two texts, which must be truncated already.
   *
   * @param truncated recorded in the result
   */
  public EncodedPair join(int[] first, int[] second, boolean truncated) {
    int length = first.length + second.length + specialTokens;
    int[] inputIds = new int[length];
    int[] tokenTypeIds = new int[length];
    int position = 0;
    for (Piece piece : pieces) {
      int end = position;
      switch (piece.source()) {
        case FIRST -> {
          System.arraycopy(first, 0, inputIds, position, first.length);
          end += first.length;
        }
        case SECOND -> {
          System.arraycopy(second, 0, inputIds, position, second.length);
          end += second.length;
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

  private static PairTemplate roberta(JsonNode processor) {
    Piece classifier = new Piece(Source.SPECIAL, id(processor.path("cls").path(1)), 0);
    Piece separator = new Piece(Source.SPECIAL, id(processor.path("sep").path(1)), 0);
    return new PairTemplate(
        List.of(
            classifier,
            new Piece(Source.FIRST, 0, 0),
            separator,
            separator,
            new Piece(Source.SECOND, 0, 0),
            separator));
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
