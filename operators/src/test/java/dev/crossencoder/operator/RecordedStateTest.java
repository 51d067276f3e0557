package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.Chunk;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.Span;
import dev.crossencoder.model.classification.Classification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

/**
 * Results in a user's own state are read for ever. Each file has the serializer's snapshot and
 * results, as a build wrote them; a file is never written again. {@code -Dstate.write} writes those
 * that do not exist.
 */
class RecordedStateTest {
  private static final Path RESOURCES =
      Path.of("src", "test", "resources", "dev", "crossencoder", "operator");

  private static final Failure FAILURE = new Failure(Failure.PAIR_TOO_LONG, "It is too long.");
  private static final Score RELEVANCE =
      new Score(
          0.25f,
          null,
          Map.of(),
          List.of(-1.0986123f),
          false,
          new Chunk(2, 4180, 6010),
          Map.of(),
          new Span(4200, 4260));
  private static final Score LABELLED =
      new Score(
          3.1f,
          "entailment",
          Map.of("neutral", -0.4f, "entailment", 3.1f),
          List.of(3.1f, -0.4f),
          true,
          new Chunk(0, 0, 10),
          Map.of("neutral", new Chunk(1, 8, 20), "entailment", new Chunk(0, 0, 10)),
          null);

  @Test
  void scoresWithChunks() throws Exception {
    assertRead(
        "scored-with-chunks.bin",
        Scored.typeInformation(Types.STRING),
        List.of(
            Scored.success("record", List.of(RELEVANCE, LABELLED), "demo-qa", "sha256:00"),
            Scored.failure("record", FAILURE, "demo-qa", "sha256:00")));
  }

  @Test
  void rankedDocuments() throws Exception {
    assertRead(
        "ranked.bin",
        Ranked.typeInformation(Types.STRING),
        List.of(
            Ranked.success(
                "record",
                List.of(new RankedDocument(1, RELEVANCE), new RankedDocument(3, LABELLED)),
                List.of(new RefusedDocument(0, FAILURE)),
                "demo-qa",
                "sha256:00"),
            Ranked.failure("record", FAILURE, "demo-qa", "sha256:00")));
  }

  @Test
  void classifiedTexts() throws Exception {
    assertRead(
        "classified.bin",
        Classified.typeInformation(Types.STRING),
        List.of(
            Classified.success(
                "record",
                new Classification(List.of("a, b", "c"), List.of(0.75f, 0.25f), true),
                "demo-nli",
                "sha256:00"),
            Classified.failure("record", FAILURE, "demo-nli", "sha256:00")));
  }

  private static <T> void assertRead(String name, TypeInformation<T> type, List<T> results)
      throws Exception {
    SerializerConfigImpl config = new SerializerConfigImpl();
    config.setGenericTypes(false);
    TypeSerializer<T> serializer = type.createSerializer(config);
    if (Boolean.getBoolean("state.write") && !Files.exists(RESOURCES.resolve(name))) {
      write(name, serializer, results);
    }
    DataInputDeserializer in =
        new DataInputDeserializer(Files.readAllBytes(RESOURCES.resolve(name)));
    TypeSerializerSnapshot<T> written =
        TypeSerializerSnapshot.readVersionedSnapshot(in, RecordedStateTest.class.getClassLoader());

    TypeSerializerSchemaCompatibility<T> compatibility =
        serializer.snapshotConfiguration().resolveSchemaCompatibility(written);

    assertThat(compatibility.isIncompatible()).isFalse();
    TypeSerializer<T> before = written.restoreSerializer();
    for (T result : results) {
      assertThat(before.deserialize(in)).isEqualTo(result);
    }
  }

  private static <T> void write(String name, TypeSerializer<T> serializer, List<T> results)
      throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(1024);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());
    for (T result : results) {
      serializer.serialize(result, out);
    }
    Files.write(RESOURCES.resolve(name), out.getCopyOfBuffer());
  }
}
