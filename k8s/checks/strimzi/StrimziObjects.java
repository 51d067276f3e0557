import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.nodepool.KafkaNodePool;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Reads Strimzi's objects of the files given with Strimzi's own classes, and fails if one says what
 * they do not know. The classes keep unknown fields aside, in all that they hold, which is where
 * this looks for them.
 */
final class StrimziObjects {
  private static final String API = "kafka.strimzi.io/v1";
  private static final Map<String, Class<?>> KINDS =
      Map.of(
          "Kafka",
          Kafka.class,
          "KafkaNodePool",
          KafkaNodePool.class,
          "KafkaTopic",
          KafkaTopic.class);

  private static final ObjectMapper YAML =
      new YAMLMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private StrimziObjects() {}

  public static void main(String[] files) throws IOException {
    int objects = 0;
    List<String> problems = new ArrayList<>();
    for (String file : files) {
      try (MappingIterator<JsonNode> documents =
          YAML.readerFor(JsonNode.class).readValues(new File(file))) {
        while (documents.hasNext()) {
          JsonNode document = documents.next();
          if (document.path("apiVersion").asText().startsWith("kafka.strimzi.io/")) {
            objects++;
            check(file, document, problems);
          }
        }
      }
    }
    problems.forEach(System.out::println);
    System.out.printf("%d objects of Strimzi, %d problems%n", objects, problems.size());
    System.exit(problems.isEmpty() && objects > 0 ? 0 : 1);
  }

  private static void check(String file, JsonNode document, List<String> problems)
      throws IOException {
    String name =
        "%s: %s %s"
            .formatted(
                file, document.path("kind").asText(), document.at("/metadata/name").asText());
    Class<?> type = KINDS.get(document.path("kind").asText());
    if (type == null || !API.equals(document.path("apiVersion").asText())) {
      problems.add("%s: neither of %s nor one of %s".formatted(name, API, KINDS.keySet()));
      return;
    }
    Object value;
    try {
      value = YAML.treeToValue(document, type);
    } catch (IOException e) {
      problems.add(name + ": " + e.getMessage());
      return;
    }
    unknown(value, name + " ", problems);
  }

  /** Looks for what was kept aside, in all that can be reached by getters of Strimzi's classes. */
  private static void unknown(Object value, String path, List<String> problems) {
    if (value instanceof Iterable<?> elements) {
      int i = 0;
      for (Iterator<?> iterator = elements.iterator(); iterator.hasNext(); ) {
        unknown(iterator.next(), path + "[" + i++ + "]", problems);
      }
    }
    if (value == null
        || !value.getClass().getName().matches("io\\.(strimzi|fabric8)\\..*")
        || value instanceof Enum) {
      return;
    }
    for (var method : value.getClass().getMethods()) {
      if (method.getParameterCount() != 0
          || !method.getName().startsWith("get")
          || method.getName().equals("getClass")) {
        continue;
      }
      Object member;
      try {
        member = method.invoke(value);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("Cannot call " + method, e);
      }
      if (method.getName().equals("getAdditionalProperties")) {
        for (Object key : ((Map<?, ?>) member).keySet()) {
          problems.add(path + ": unknown field " + key);
        }
      } else {
        unknown(member, path + "." + method.getName().substring(3), problems);
      }
    }
  }
}
