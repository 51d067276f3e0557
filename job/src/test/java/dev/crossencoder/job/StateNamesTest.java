package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.operator.Scored;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.apache.flink.api.java.typeutils.runtime.PojoSerializer;
import org.junit.jupiter.api.Test;

/**
 * The classes that savepoints name, of this job and of others with the operator. A class of another
 * name, or with other fields, cannot restore them.
 */
class StateNamesTest {
  private static final Path SAVEPOINT =
      Path.of("src", "test", "resources", "savepoint", "state", "_metadata");

  /** The fields of each class by its name. */
  private static final Map<String, Set<String>> STATE =
      Map.of(
          "dev.crossencoder.job.KafkaRecord",
          Set.of("topic", "partition", "offset", "timestamp", "key", "value", "headers", "models"),
          "dev.crossencoder.job.KafkaHeader",
          Set.of("key", "value"),
          "dev.crossencoder.operator.Scored",
          Set.of("element", "scores", "failure", "model", "revision", "stages", "scoredBy"),
          "dev.crossencoder.operator.Failure",
          Set.of("code", "message"));

  @Test
  void stateHasItsNamesAndFieldsAndIsSerializedAsPojos() throws ClassNotFoundException {
    for (Map.Entry<String, Set<String>> state : STATE.entrySet()) {
      TypeInformation<?> type = type(Class.forName(state.getKey()));

      assertThat(type.createSerializer(withoutKryo()))
          .as(state.getKey())
          .isInstanceOf(PojoSerializer.class);
      assertThat(((PojoTypeInfo<?>) type).getFieldNames())
          .as(state.getKey())
          .containsExactlyInAnyOrderElementsOf(state.getValue());
    }
  }

  @Test
  void theRecordedSavepointNamesNoOtherClassOfTheProject() throws IOException {
    Matcher names =
        Pattern.compile("dev\\.crossencoder(?:\\.\\w+)+")
            .matcher(Files.readString(SAVEPOINT, StandardCharsets.ISO_8859_1));
    Set<String> found = new TreeSet<>();
    while (names.find()) {
      found.add(names.group());
    }

    assertThat(found)
        .containsExactly("dev.crossencoder.job.KafkaHeader", "dev.crossencoder.job.KafkaRecord")
        .isSubsetOf(STATE.keySet());
  }

  /** Of a class with a type parameter only a subclass knows the type of all fields. */
  private static TypeInformation<?> type(Class<?> state) {
    return state.getName().endsWith(".Scored")
        ? Scored.typeInformation(Types.STRING)
        : TypeInformation.of(state);
  }

  private static SerializerConfigImpl withoutKryo() {
    SerializerConfigImpl config = new SerializerConfigImpl();
    config.setGenericTypes(false);
    return config;
  }
}
