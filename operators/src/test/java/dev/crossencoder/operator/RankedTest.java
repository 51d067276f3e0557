package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.Score;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.runtime.PojoSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.Test;

class RankedTest {
  private static final Score SCORE = new Score(0.25f, null, Map.of(), List.of(-1.0986123f), false);
  private static final Failure FAILURE = new Failure(Failure.PAIR_TOO_LONG, "It is too long.");

  @Test
  void documentsArePojosWithoutKryo() {
    PojoTestUtils.assertSerializedAsPojoWithoutKryo(RankedDocument.class);
    PojoTestUtils.assertSerializedAsPojoWithoutKryo(RefusedDocument.class);
  }

  @Test
  void resultsSurviveSerialisation() throws Exception {
    Ranked<String> ranked =
        Ranked.success(
            "record",
            List.of(new RankedDocument(1, SCORE)),
            List.of(new RefusedDocument(0, FAILURE)),
            "demo-qa",
            "sha256:00");

    assertThat(roundTrip(ranked)).isEqualTo(ranked);
  }

  @Test
  void aFailureSurvivesSerialisation() throws Exception {
    Ranked<String> ranked = Ranked.failure("record", FAILURE, "demo-qa", "sha256:00");

    assertThat(roundTrip(ranked)).isEqualTo(ranked);
    assertThat(roundTrip(ranked).failed()).isTrue();
  }

  @Test
  void aResultNamesItsOutcomeAndNoText() {
    assertThat(
            Ranked.success("a secret", List.of(new RankedDocument(1, SCORE)), List.of(), "m", "r"))
        .hasToString("Ranked[1 results, 0 errors]");
    assertThat(Ranked.failure("a secret", FAILURE, "m", "r")).hasToString("Ranked[pair_too_long]");
    assertThat(new RankRequest("a secret", List.of("another")))
        .hasToString("RankRequest[1 documents]");
  }

  private static Ranked<String> roundTrip(Ranked<String> ranked) throws Exception {
    SerializerConfigImpl config = new SerializerConfigImpl();
    config.setGenericTypes(false);
    TypeSerializer<Ranked<String>> serializer =
        Ranked.typeInformation(Types.STRING).createSerializer(config);
    assertThat(serializer).isInstanceOf(PojoSerializer.class);
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(ranked, out);
    return serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
  }
}
