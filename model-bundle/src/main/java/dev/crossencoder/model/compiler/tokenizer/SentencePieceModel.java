package dev.crossencoder.model.compiler.tokenizer;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.io.ProtobufReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The parts of a SentencePiece model file that a tokenizer needs.
 *
 * <p>Source of field numbers: {@code sentencepiece_model.proto} of google/sentencepiece.
 *
 * @param file the path of the file
 * @param pieces the vocabulary; the index of a piece is its id
 * @param unknownId the id of the unknown token
 * @param characterMap the {@code precompiled_charsmap}; empty if the model does not normalize
 */
public record SentencePieceModel(
    Path file, List<Piece> pieces, int unknownId, byte[] characterMap) {

  private static final int UNIGRAM = 1;
  private static final int BPE = 2;

  /** A piece, the logarithm of its probability, and its type. */
  record Piece(String text, float score, int type) {
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;

    /** Whether it is a control symbol, which matches no text, such as the end of a sequence. */
    boolean control() {
      return type == CONTROL;
    }

    /** Whether it is user-defined: always one token, whatever surrounds it. */
    boolean userDefined() {
      return type == USER_DEFINED;
    }
  }

  /**
   * Reads a model file.
   *
   * @throws InvalidModelException if it is damaged, or its model type is not Unigram
   */
  public static SentencePieceModel read(Path file) {
    return new Parser(file).parse();
  }

  /** Collects the fields of the file. Initial values are the defaults of the format. */
  private static final class Parser {
    private final Path file;
    private final List<Piece> pieces = new ArrayList<>();
    private final Set<String> texts = new HashSet<>();
    private int modelType = UNIGRAM;
    private int unknownId;
    private byte[] characterMap = {};

    Parser(Path file) {
      this.file = file;
    }

    SentencePieceModel parse() {
      ProtobufReader model = ProtobufReader.of(file, JsonFiles.readBytes(file));
      while (model.next()) {
        switch (model.field()) {
          case 1 -> piece(model.offset(), model.message());
          case 2 -> trainer(model.message());
          case 3 -> normalizer(model.message());
          default -> model.skip();
        }
      }
      if (modelType != UNIGRAM) {
        throw new InvalidModelException(
            "Cannot use %s, its model_type is %s. Only UNIGRAM (1) is supported; save the tokenizer as tokenizer.json: in Python, AutoTokenizer.from_pretrained(folder).save_pretrained(folder)."
                .formatted(file, modelType == BPE ? "BPE (2)" : modelType));
      }
      if (pieces.isEmpty()) {
        throw new InvalidModelException("Cannot use %s, it has no pieces.".formatted(file));
      }
      if (unknownId < 0 || unknownId >= pieces.size()) {
        throw new InvalidModelException(
            "Cannot use %s, its unk_id is %d, it has %d pieces."
                .formatted(file, unknownId, pieces.size()));
      }
      return new SentencePieceModel(file, List.copyOf(pieces), unknownId, characterMap);
    }

    private void piece(int offset, ProtobufReader message) {
      String text = "";
      float score = 0;
      int type = Piece.NORMAL;
      while (message.next()) {
        switch (message.field()) {
          case 1 -> text = message.string();
          case 2 -> score = message.float32();
          case 3 -> type = message.int32();
          default -> message.skip();
        }
      }
      if (text.isEmpty() || !Float.isFinite(score) || !texts.add(text)) {
        throw new InvalidModelException(
            "Cannot use %s, the piece at offset %d is \"%s\" with score %s. A piece must have a text of its own and a finite score."
                .formatted(file, offset, text, score));
      }
      pieces.add(new Piece(text, score, type));
    }

    private void trainer(ProtobufReader message) {
      while (message.next()) {
        switch (message.field()) {
          case 3 -> modelType = message.int32();
          case 40 -> unknownId = message.int32();
          default -> message.skip();
        }
      }
    }

    private void normalizer(ProtobufReader message) {
      while (message.next()) {
        if (message.field() == 2) {
          characterMap = message.bytes();
        } else {
          message.skip();
        }
      }
    }
  }
}
