package dev.crossencoder.model.compiler.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.model.InvalidModelException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A SentencePiece model is read, or refused with the place of the damage. */
class SentencePieceModelTest {
  private static final int NORMAL = 1;
  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("spm.model");
  }

  @Test
  void piecesHaveTheirTextsScoresAndTypes() throws IOException {
    Files.write(
        file,
        new Message()
            .message(1, piece("<unk>", 0, UNKNOWN))
            .message(1, piece("</s>", 0, CONTROL))
            .message(1, piece("▁wörd", -2.5f, NORMAL))
            .message(1, piece("<extra>", 0, USER_DEFINED))
            .message(2, new Message().varint(3, 1).varint(40, 0))
            .message(3, new Message().bytes(1, "identity").bytes(2, "map"))
            .toBytes());

    SentencePieceModel model = SentencePieceModel.read(file);

    assertThat(model.pieces())
        .extracting(SentencePieceModel.Piece::text)
        .containsExactly("<unk>", "</s>", "▁wörd", "<extra>");
    assertThat(model.pieces().get(2).score()).isEqualTo(-2.5f);
    assertThat(model.pieces())
        .extracting(SentencePieceModel.Piece::control)
        .containsExactly(false, true, false, false);
    assertThat(model.pieces())
        .extracting(SentencePieceModel.Piece::userDefined)
        .containsExactly(false, false, false, true);
    assertThat(model.characterMap()).isEqualTo("map".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void fieldsThatAreNotNeededAreSkippedWhateverTheirType() throws IOException {
    Files.write(
        file,
        new Message()
            .varint(15, -1)
            .bytes(16, "future")
            .float32(17, 1)
            .fixed64(18, 7)
            .message(1, piece("a", -1, NORMAL).bytes(9, "later"))
            .toBytes());

    assertThat(SentencePieceModel.read(file).pieces()).hasSize(1);
  }

  @Test
  void aFileThatSaysNothingOfTheAlgorithmIsUnigram() throws IOException {
    Files.write(file, new Message().message(1, piece("a", -1, NORMAL)).toBytes());

    assertThat(SentencePieceModel.read(file).unknownId()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"2, BPE (2)", "3, 3", "4, 4"})
  void anotherAlgorithmIsRefusedWithWhatToDo(int type, String named) throws IOException {
    assertRefused(
        new Message()
            .message(1, piece("a", -1, NORMAL))
            .message(2, new Message().varint(3, type))
            .toBytes(),
        "Cannot use %s, its model_type is %s. Only UNIGRAM (1) is supported; save the tokenizer as tokenizer.json: in Python, AutoTokenizer.from_pretrained(folder).save_pretrained(folder)."
            .formatted(file, named));
  }

  @Test
  void aFileWithoutPiecesIsRefused() throws IOException {
    assertRefused(new byte[0], "Cannot use %s, it has no pieces.".formatted(file));
  }

  @ParameterizedTest
  @CsvSource({"1", "-1"})
  void anUnknownPieceThatIsNotThereIsRefused(int id) throws IOException {
    assertRefused(
        new Message()
            .message(1, piece("a", -1, NORMAL))
            .message(2, new Message().varint(40, id))
            .toBytes(),
        "Cannot use %s, its unk_id is %d, it has 1 pieces.".formatted(file, id));
  }

  @ParameterizedTest
  @CsvSource({"'', -1", "b, NaN", "b, Infinity", "a, -1"})
  void aPieceThatIsNoneIsRefused(String text, float score) throws IOException {
    assertRefused(
        new Message()
            .message(1, piece("a", -1, NORMAL))
            .message(1, piece(text, score, NORMAL))
            .toBytes(),
        "Cannot use %s, the piece at offset 12 is \"%s\" with score %s. A piece must have a text of its own and a finite score."
            .formatted(file, text, score));
  }

  @ParameterizedTest
  @CsvSource({
    "0a05 0a0161, 0, 'it says that it has 5 bytes, 3 are left'",
    "0a03 0a7f61, 2, 'it says that it has 127 bytes, 1 are left'",
    "0affffffffffffffffff01, 0, 'it says that it has 18446744073709551615 bytes, 0 are left'",
    "0affffffffffffffffffff01, 0, it has a number of more than 64 bits",
    "0a, 0, it ends too early",
    "ff, 0, it ends too early",
    "0800, 0, field 1 has the wire type 0 where 2 is expected",
    "0a02 0801, 2, field 1 has the wire type 0 where 2 is expected",
    "0a02 1001, 2, field 2 has the wire type 0 where 5 is expected",
    "0a03 15000000, 2, it ends too early",
    "0a03 0a01ff, 2, it is not UTF-8",
    "1202 1a00, 2, field 3 has the wire type 2 where 0 is expected",
    "1a02 1000, 2, field 2 has the wire type 0 where 2 is expected",
    "7b, 0, it has the wire type 3",
    "0001, 0, it has the field number 0"
  })
  void damageIsRefusedWithItsPlace(String hex, int offset, String reason) throws IOException {
    assertRefused(
        HexFormat.of().parseHex(hex.replace(" ", "")),
        "Cannot read %s, the field at offset %d is damaged: %s.".formatted(file, offset, reason));
  }

  @Test
  void aFileCutAnywhereIsRefusedOrHasFewerPieces() throws Exception {
    byte[] whole = someModel();
    int pieces = SentencePieceModel.read(write(whole)).pieces().size();
    int refused = 0;
    for (int length = 0; length < whole.length; length += 7) {
      write(Arrays.copyOf(whole, length));
      try {
        assertThat(SentencePieceModel.read(file).pieces()).hasSizeLessThanOrEqualTo(pieces);
      } catch (InvalidModelException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(whole.length / 7 / 2);
  }

  @Test
  void noDamageLeadsOutOfTheFile() throws Exception {
    byte[] whole = someModel();
    Random random = new Random(3);
    int refused = 0;
    for (int round = 0; round < 2_000; round++) {
      byte[] damaged = whole.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      write(damaged);
      try {
        SentencePieceModel.read(file);
      } catch (InvalidModelException e) {
        assertThat(e).hasMessageContaining(file.toString());
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(100);
  }

  private byte[] someModel() throws Exception {
    Path checkpoint =
        TokenizerReferenceTest.unpack(
            TokenizerReferenceTest.recordings().resolve("xlm-roberta"), folder);
    return Files.readAllBytes(checkpoint.resolve("sentencepiece.bpe.model"));
  }

  private Path write(byte[] content) throws IOException {
    return Files.write(file, content);
  }

  private void assertRefused(byte[] content, String message) throws IOException {
    write(content);
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> SentencePieceModel.read(file))
        .withMessage(message);
  }

  private static Message piece(String text, float score, int type) {
    return new Message().bytes(1, text).float32(2, score).varint(3, type);
  }

  /** Writes protobuf fields. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message varint(int field, long value) {
      raw((long) field << 3);
      return raw(value);
    }

    Message bytes(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message value) {
      return bytes(field, value.toBytes());
    }

    Message float32(int field, float value) {
      raw(((long) field << 3) | 5);
      out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
      return this;
    }

    Message fixed64(int field, long value) {
      raw(((long) field << 3) | 1);
      out.writeBytes(ByteBuffer.allocate(8).putLong(value).array());
      return this;
    }

    private Message bytes(int field, byte[] value) {
      raw(((long) field << 3) | 2);
      raw(value.length);
      out.writeBytes(value);
      return this;
    }

    private Message raw(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        out.write((int) ((rest & 0x7F) | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
      return this;
    }

    byte[] toBytes() {
      return out.toByteArray();
    }
  }
}
