package dev.crossencoder.model.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is what {@link ProtobufReader} reads. */
class ProtobufWriterTest {
  private static ProtobufReader reader(ProtobufWriter writer) {
    return ProtobufReader.of(Path.of("file"), writer.toBytes());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 127, 128, 300, 1L << 35, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void numbersOfAnySize(long value) {
    ProtobufReader reader = reader(new ProtobufWriter().varint(20, value));

    assertThat(reader.next()).isTrue();
    assertThat(reader.field()).isEqualTo(20);
    assertThat(reader.varint()).isEqualTo(value);
    assertThat(reader.next()).isFalse();
  }

  @Test
  void aNumberTakesAsFewBytesAsItCan() {
    assertThat(new ProtobufWriter().varint(1, 150).toBytes())
        .containsExactly(0x08, (byte) 0x96, 0x01);
  }

  @Test
  void fieldsAreInTheOrderOfTheCallsAndMessagesInsideOthers() {
    ProtobufWriter inner = new ProtobufWriter().float32(2, -1.5f).string(3, "é");
    ProtobufReader reader =
        reader(new ProtobufWriter().message(9, inner).append(inner).bytes(1, new byte[] {7}));

    reader.next();
    ProtobufReader message = reader.message();
    message.next();
    assertThat(message.float32()).isEqualTo(-1.5f);
    message.next();
    assertThat(message.string()).isEqualTo("é");
    reader.next();
    assertThat(reader.float32()).isEqualTo(-1.5f);
    reader.next();
    assertThat(reader.string()).isEqualTo("é");
    reader.next();
    assertThat(reader.field()).isEqualTo(1);
    assertThat(reader.bytes()).containsExactly(7);
    assertThat(reader.next()).isFalse();
  }
}
