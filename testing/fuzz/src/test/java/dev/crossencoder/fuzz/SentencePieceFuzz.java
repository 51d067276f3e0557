package dev.crossencoder.fuzz;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.compiler.tokenizer.SentencePieceModel;
import dev.crossencoder.model.tokenizer.CharacterMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A SentencePiece model: the character map of one that is accepted leads nowhere outside. */
public final class SentencePieceFuzz {
  private static final Scratch SCRATCH = Scratch.create();

  private SentencePieceFuzz() {}

  /** A tiny model. */
  public static List<byte[]> seeds() {
    return List.of(TinyFiles.sentencePiece());
  }

  /** Tries a model. */
  public static boolean accepts(byte[] input) throws IOException {
    Path file = SCRATCH.write("spm.model", input);
    return Bounds.check(input.length, InvalidModelException.class, () -> read(file));
  }

  private static void read(Path file) {
    SentencePieceModel model = SentencePieceModel.read(file);
    if (model.characterMap().length > 0) {
      CharacterMap map = CharacterMap.parse(model.characterMap(), "the model");
      for (char c = 0; c < '\u3000'; c++) {
        map.keeps(c);
      }
    }
  }
}
