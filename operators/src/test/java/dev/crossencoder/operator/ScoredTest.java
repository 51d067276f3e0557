package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.model.Chunk;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.Span;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.java.typeutils.runtime.PojoSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.types.PojoTestUtils;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

class ScoredTest {
  private static final Score RELEVANCE =
      new Score(0.25f, null, Map.of(), List.of(-1.0986123f), false);
  private static final Score LABELLED =
      new Score(
          3.1f,
          "entailment",
          Map.of("neutral", -0.4f, "entailment", 3.1f, "contradiction", -2f),
          List.of(-2f, 3.1f, -0.4f),
          true);

  private final TypeSerializer<Scored<String>> serializer = serializer(Types.STRING);

  @Test
  void aScoreIsAPojoWithoutKryo() {
    PojoTestUtils.assertSerializedAsPojoWithoutKryo(Score.class);
  }

  @Test
  void aFailureIsAPojoWithoutKryo() {
    PojoTestUtils.assertSerializedAsPojoWithoutKryo(Failure.class);
  }

  @Test
  void aResultIsAPojoWithoutKryo() {
    assertThat(serializer).isInstanceOf(PojoSerializer.class);
  }

  @Test
  void scoresSurviveSerialisation() throws Exception {
    Scored<String> scored =
        Scored.success("record", List.of(RELEVANCE, LABELLED), "demo-qa", "sha256:00");

    Scored<String> copy = roundTrip(scored);

    assertThat(copy).isEqualTo(scored);
    assertThat(copy.scores().get(0).label()).isNull();
    assertThat(copy.scores().get(1).scores().keySet())
        .containsExactly("contradiction", "entailment", "neutral");
  }

  @Test
  void chunksAndEvidenceSurviveSerialisation() throws Exception {
    Chunk chunk = new Chunk(2, 4180, 6010);
    Score chunked =
        new Score(
            3.1f,
            "entailment",
            Map.of("neutral", -0.4f, "entailment", 3.1f),
            List.of(3.1f, -0.4f),
            true,
            chunk,
            Map.of("neutral", new Chunk(0, 0, 900), "entailment", chunk),
            new Span(5005, 5100));
    Scored<String> scored =
        Scored.success("record", List.of(chunked, RELEVANCE), "demo-nli", "sha256:00");

    assertThat(roundTrip(scored)).isEqualTo(scored);
  }

  @Test
  void aRecordWithoutPairsSurvivesSerialisation() throws Exception {
    Scored<String> scored = Scored.success("record", List.of(), "demo-qa", "sha256:00");

    assertThat(roundTrip(scored)).isEqualTo(scored);
  }

  @Test
  void aFailureSurvivesSerialisation() throws Exception {
    Scored<String> scored =
        Scored.failure(
            "record", new Failure(Failure.TIMEOUT, "It took too long."), "demo-qa", "sha256:00");

    Scored<String> copy = roundTrip(scored);

    assertThat(copy).isEqualTo(scored);
    assertThat(copy.failed()).isTrue();
  }

  /** The file holds serialiser and results as an earlier release wrote them into user state. */
  @Test
  void resultsAreReadFromTheStateOfReleasesThatDidNotNameTheModel() throws Exception {
    DataInputDeserializer in = new DataInputDeserializer(resource("scored-of-three-fields.bin"));
    TypeSerializerSnapshot<Scored<String>> written =
        TypeSerializerSnapshot.readVersionedSnapshot(in, getClass().getClassLoader());

    assertThat(
            serializer
                .snapshotConfiguration()
                .resolveSchemaCompatibility(written)
                .isCompatibleAfterMigration())
        .isTrue();
    TypeSerializer<Scored<String>> before = written.restoreSerializer();
    assertThat(before.deserialize(in))
        .isEqualTo(
            new Scored<>("record", List.of(RELEVANCE, LABELLED), null, null, null, null, null));
    assertThat(before.deserialize(in))
        .isEqualTo(
            Scored.failure(
                "record", new Failure(Failure.TIMEOUT, "It took too long."), null, null));
  }

  @Test
  void resultsAreCopiedBetweenChainedOperators() {
    Scored<String> scored = Scored.success("record", List.of(LABELLED), "demo-qa", "sha256:00");

    assertThat(serializer.copy(scored)).isEqualTo(scored);
  }

  @Test
  void aResultNamesItsOutcomeAndNoText() {
    assertThat(Scored.success("a secret", List.of(RELEVANCE, LABELLED), "demo-qa", "sha256:00"))
        .hasToString("Scored[2 scores]");
    assertThat(
            Scored.failure(
                "a secret", new Failure("field_missing", "A secret."), "demo-qa", "sha256:00"))
        .hasToString("Scored[field_missing]");
  }

  @Test
  void aResultKeepsItsScoresFromChanging() {
    Scored<String> scored = Scored.success("record", List.of(RELEVANCE), "demo-qa", "sha256:00");

    assertThatThrownBy(() -> scored.scores().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void aFailureNeedsACodeAndAMessage() {
    assertThatThrownBy(() -> new Failure(null, "message"))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("code is null");
    assertThatThrownBy(() -> new Failure("code", null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("message is null");
  }

  @Test
  void aRefusedRecordCarriesItsFailureAndNoStackTrace() {
    InvalidRecordException refused =
        new InvalidRecordException("field_missing", "There is no field /query.");

    assertThat(refused.failure())
        .isEqualTo(new Failure("field_missing", "There is no field /query."));
    assertThat(refused.getStackTrace()).isEmpty();
  }

  @Test
  void theFunctionIsSerialisableWithALambda() throws Exception {
    String prefix = "about ";
    CrossEncoderFunction<String, Scored<String>> function =
        new CrossEncoderFunction<>(
            new PairShape<>(
                text -> List.of(new TextPair(prefix + text, text)),
                Float.NEGATIVE_INFINITY,
                LabelThresholds.NONE),
            ScoringConfig.from(TestOptions.of("demo-qa")),
            () -> ModelRegistry.SHARED);

    CrossEncoderFunction<String, Scored<String>> copy = InstantiationUtil.clone(function);

    assertThat(copy).isNotSameAs(function);
  }

  private Scored<String> roundTrip(Scored<String> scored) throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(scored, out);
    return serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = ScoredTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  private static <T> TypeSerializer<Scored<T>> serializer(TypeInformation<T> element) {
    SerializerConfigImpl config = new SerializerConfigImpl();
    config.setGenericTypes(false);
    return Scored.typeInformation(element).createSerializer(config);
  }
}
