package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.classification.Classification;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.runtime.PojoSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class ClassifiedTest {
  private static final Classification RESULT =
      new Classification(List.of("secret, label", "b"), List.of(0.75f, 0.25f), true);
  private static final Failure FAILURE = new Failure(Failure.INVALID_LABELS, "It is empty.");

  @Test
  void aResultSurvivesSerialisation() throws Exception {
    Classified<String> classified = Classified.success("record", RESULT, "demo-nli", "sha256:00");

    assertThat(roundTrip(classified)).isEqualTo(classified);
    assertThat(classified.failed()).isFalse();
  }

  @Test
  void aFailureSurvivesSerialisation() throws Exception {
    Classified<String> classified = Classified.failure("record", FAILURE, "demo-nli", "sha256:00");

    assertThat(roundTrip(classified)).isEqualTo(classified);
    assertThat(roundTrip(classified).failed()).isTrue();
  }

  @Test
  void aResultNamesItsOutcomeAndNoText() {
    assertThat(Classified.success("a secret", RESULT, "m", "r"))
        .hasToString("Classified[2 labels]");
    assertThat(Classified.failure("a secret", FAILURE, "m", "r"))
        .hasToString("Classified[invalid_labels]");
    assertThat(new ClassifyRequest("secret", List.of("another")))
        .hasToString("ClassifyRequest[6 chars]");
  }

  private static Classified<String> roundTrip(Classified<String> classified) throws Exception {
    SerializerConfigImpl config = new SerializerConfigImpl();
    config.setGenericTypes(false);
    TypeSerializer<Classified<String>> serializer =
        Classified.typeInformation(Types.STRING).createSerializer(config);
    assertThat(serializer).isInstanceOf(PojoSerializer.class);
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(classified, out);
    return serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
  }
}
