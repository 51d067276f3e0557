package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.Test;

class KafkaRecordTest {
  private static final byte[] BYTES = {1, 0, (byte) 0xff};

  @Test
  void recordsAndHeadersArePojosWithoutKryo() {
    PojoTestUtils.assertSerializedAsPojoWithoutKryo(KafkaRecord.class);
    PojoTestUtils.assertSerializedAsPojoWithoutKryo(KafkaHeader.class);
  }

  @Test
  void aRecordSurvivesSerialisation() throws Exception {
    KafkaRecord copy =
        roundTrip(
            new KafkaRecord("pairs", 3, 1L << 40, -1, BYTES, new byte[0], List.of(header(BYTES))));

    assertThat(copy.topic()).isEqualTo("pairs");
    assertThat(copy.partition()).isEqualTo(3);
    assertThat(copy.offset()).isEqualTo(1L << 40);
    assertThat(copy.timestamp()).isEqualTo(-1);
    assertThat(copy.key()).isEqualTo(BYTES);
    assertThat(copy.value()).isEmpty();
    assertThat(copy.headers()).hasSize(1);
    assertThat(copy.headers().get(0).key()).isEqualTo("h");
    assertThat(copy.headers().get(0).value()).isEqualTo(BYTES);
  }

  @Test
  void nullsSurviveSerialisation() throws Exception {
    KafkaRecord copy =
        roundTrip(new KafkaRecord("pairs", 0, 0, 0, null, null, List.of(header(null))));

    assertThat(copy.key()).isNull();
    assertThat(copy.value()).isNull();
    assertThat(copy.headers().get(0).value()).isNull();
  }

  @Test
  void itsTextIsItsPositionAlone() {
    KafkaRecord element =
        new KafkaRecord("pairs", 3, 4711, 0, BYTES, BYTES, List.of(header(BYTES)));

    assertThat(element).hasToString("pairs-3@4711");
  }

  @Test
  void headersAreCopiedAndCannotBeChanged() {
    List<KafkaHeader> headers = new ArrayList<>(List.of(header(BYTES)));
    KafkaRecord element = new KafkaRecord("pairs", 0, 0, 0, null, null, headers);

    headers.clear();

    assertThat(element.headers()).hasSize(1);
    assertThatThrownBy(() -> element.headers().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void aRecordNeedsATopicAndAHeaderAKey() {
    assertThatThrownBy(() -> new KafkaRecord(null, 0, 0, 0, null, null, List.of()))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("topic is null");
    assertThatThrownBy(() -> new KafkaHeader(null, BYTES))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("key is null");
  }

  private static KafkaHeader header(byte[] value) {
    return new KafkaHeader("h", value);
  }

  private static KafkaRecord roundTrip(KafkaRecord element) throws Exception {
    SerializerConfigImpl config = new SerializerConfigImpl();
    config.setGenericTypes(false);
    TypeSerializer<KafkaRecord> serializer =
        TypeInformation.of(KafkaRecord.class).createSerializer(config);
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(serializer.copy(element), out);
    return serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
  }
}
