package dev.crossencoder.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DemoDataTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Test
  void everyIdIsThereOnce() {
    Set<String> ids = new HashSet<>();

    for (DemoRecord record : DemoData.questions().records(1000)) {
      assertThat(ids.add(record.id())).isTrue();
    }
    assertThat(ids).hasSize(1000);
  }

  @Test
  void threeHundredRecordsHoldEachQuestionWithAllItsGrades() throws IOException {
    Map<String, Set<Integer>> grades = new HashMap<>();

    for (JsonNode record : wellFormed(DemoData.questions().records(300))) {
      grades
          .computeIfAbsent(record.path("question").asText(), question -> new HashSet<>())
          .add(record.path("grade").asInt());
    }
    assertThat(grades).hasSize(72);
    assertThat(grades.values()).allMatch(Set.of(0, 1, 2, 3)::equals);
  }

  @Test
  void someRecordsAreMalformedInDifferentWays() {
    List<DemoRecord> malformed =
        DemoData.premises().records(300).stream().filter(record -> !record.wellFormed()).toList();

    assertThat(malformed).hasSize(12);
    assertThat(malformed.stream().filter(record -> record.value() == null)).isNotEmpty();
  }

  @Test
  void premisesHoldAsManyOfEachLabel() throws IOException {
    Map<String, Integer> labels = new HashMap<>();

    for (JsonNode record : wellFormed(DemoData.premises().records(125))) {
      labels.merge(record.path("expected").asText(), 1, Integer::sum);
    }
    assertThat(labels).isEqualTo(Map.of("contradiction", 40, "entailment", 40, "neutral", 40));
  }

  private static List<JsonNode> wellFormed(List<DemoRecord> records) throws IOException {
    List<JsonNode> parsed = new ArrayList<>();
    for (DemoRecord record : records) {
      if (record.wellFormed()) {
        parsed.add(MAPPER.readTree(record.value()));
      }
    }
    return parsed;
  }
}
