package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.kafka.EmbeddedKafka;
import dev.crossencoder.model.RankedPassage;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Records with a query and documents. */
@Timeout(120)
class RankedRecordITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, String> RANK = Map.of("input.documents", "/documents");
  private static final String QUERY = "How tall is the water tower?";
  private static final List<String> DOCUMENTS =
      List.of(
          "Bread is best stored in a linen bag.",
          "The water tower stands 41 metres tall.",
          "The night ferry leaves the north pier at 23:15.");

  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static TestJobs jobs;
  private static TestTopics topics;

  @BeforeAll
  static void start() {
    kafka = EmbeddedKafka.start(folder);
    jobs = new TestJobs(kafka);
    topics = jobs.topics();
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void documentsAreRankedAsTheLibraryRanksThemAndOtherBytesAreKept() throws Exception {
    String documents =
        "[\"%s\", {\"id\": 7, \"text\": \"%s\"}, {\"content\": \"%s\"}]"
            .formatted(DOCUMENTS.toArray());
    String record = "{ \"query\": \"%s\",\t\"documents\": %s }".formatted(QUERY, documents);
    run("ranked", RANK, record);

    String value = TestTopics.value(only(scored("ranked")));
    assertThat(value).startsWith(record.substring(0, record.length() - 2) + ",\"cross_encoder\":");
    JsonNode result = JSON.readTree(value).path("cross_encoder");
    try (CrossEncoder model =
        CrossEncoder.open(
            ModelRepository.shared().resolve("demo-qa"), CrossEncoderOptions.DEFAULT)) {
      List<RankedPassage> expected = model.rank(QUERY, DOCUMENTS, 3);
      assertThat(result.path("results")).hasSize(3);
      for (int i = 0; i < 3; i++) {
        JsonNode document = result.path("results").get(i);
        assertThat(document.path("index").asInt()).isEqualTo(expected.get(i).corpusId());
        assertThat(document.path("relevance_score").asDouble())
            .isCloseTo(expected.get(i).score().score(), within(1e-5));
        assertThat(document.path("truncated").asBoolean()).isFalse();
        assertThat(document.has("document")).isFalse();
      }
      assertThat(result.path("revision").asText()).isEqualTo(model.bundle().digest());
    }
    assertThat(result.has("errors")).isFalse();
  }

  @Test
  void theBestAreReturnedWithTheirTexts() throws Exception {
    String record =
        "{\"q\":\"%s\",\"hits\":[{\"body\":\"%s\"},{\"body\":\"%s\"}]}"
            .formatted(QUERY, DOCUMENTS.get(0), DOCUMENTS.get(1));
    run(
        "best",
        Map.of(
            "input.text", "/q",
            "input.documents", "/hits",
            "document-text", "/body",
            "cross-encoder.top-n", "1",
            "return-documents", "true"),
        record);

    JsonNode results =
        JSON.readTree(TestTopics.value(only(scored("best")))).at("/cross_encoder/results");
    assertThat(results).hasSize(1);
    assertThat(results.get(0).at("/document/text").asText()).isEqualTo(DOCUMENTS.get(1));
  }

  /** The first model is demo-qa, the main model demo-rank. */
  @Test
  void aCascadeRanksTheBestOfTheFirstModelAgainAndNamesItsStages() throws Exception {
    List<String> documents = new ArrayList<>(DOCUMENTS);
    documents.add("The tower was built in 1911.");
    documents.add("Boats leave at high water.");
    String record =
        "{\"query\":\"%s\",\"documents\":[null,%s]}"
            .formatted(
                QUERY,
                documents.stream().map("\"%s\""::formatted).collect(Collectors.joining(",")));
    run(
        "cascade",
        Map.of(
            "input.documents", "/documents",
            "cross-encoder.model", "demo-rank",
            "cross-encoder.cascade.model", "demo-qa",
            "cross-encoder.cascade.keep", "2"),
        record,
        "{\"query\":\"q\",\"documents\":[]}");

    List<ConsumerRecord<byte[], byte[]>> results = topics.committed(scored("cascade"));
    assertThat(results).hasSize(2);
    JsonNode empty = JSON.readTree(results.get(1).value()).path("cross_encoder");
    assertThat(empty.path("results")).isEmpty();
    assertThat(empty.path("stages").findValuesAsText("model"))
        .containsExactly("demo-qa", "demo-rank");
    JsonNode result = JSON.readTree(results.get(0).value()).path("cross_encoder");
    assertThat(result.path("model").asText()).isEqualTo("demo-rank");
    assertThat(result.path("stages").findValuesAsText("model"))
        .containsExactly("demo-qa", "demo-rank");
    assertThat(result.path("errors").findValuesAsText("index")).containsExactly("0");
    try (CrossEncoder first =
            CrossEncoder.open(
                ModelRepository.shared().resolve("demo-qa"), CrossEncoderOptions.DEFAULT);
        CrossEncoder main =
            CrossEncoder.open(
                ModelRepository.shared().resolve("demo-rank"), CrossEncoderOptions.DEFAULT)) {
      List<RankedPassage> all = first.rank(QUERY, documents, documents.size());
      List<RankedPassage> best =
          main.rank(QUERY, all.stream().limit(2).map(RankedPassage::passage).toList(), 2);
      List<String> texts = new ArrayList<>();
      List<Double> scores = new ArrayList<>();
      for (JsonNode document : result.path("results")) {
        texts.add(documents.get(document.path("index").asInt() - 1));
        scores.add(document.path("relevance_score").asDouble());
      }
      assertThat(texts)
          .containsExactlyElementsOf(
              Stream.concat(best.stream(), all.stream().skip(2))
                  .map(RankedPassage::passage)
                  .toList());
      assertThat(scores.get(0)).isCloseTo(best.get(0).score().score(), within(1e-5));
      assertThat(scores.get(4)).isCloseTo(all.get(4).score().score(), within(1e-5));
      assertThat(result.path("revision").asText()).isEqualTo(main.bundle().digest());
      assertThat(result.path("stages").findValuesAsText("revision"))
          .containsExactly(first.bundle().digest(), main.bundle().digest());
    }
    assertThat(result.path("results").findValuesAsText("stage"))
        .containsExactly("1", "1", "0", "0", "0");
  }

  @Test
  void aCascadeOfPairsNamesTheModelThatAnswered() throws Exception {
    String pair = "{\"query\":\"%s\",\"passage\":\"%s\"}";
    Map<String, String> options =
        Map.of(
            "cross-encoder.model", "demo-rank",
            "cross-encoder.cascade.model", "demo-qa",
            "cross-encoder.cascade.margin", "0");
    run("sure", options, pair.formatted(QUERY, DOCUMENTS.get(1)));
    Map<String, String> never = new HashMap<>(options);
    never.put("cross-encoder.cascade.margin", "1");
    run("unsure", never, pair.formatted(QUERY, DOCUMENTS.get(1)));

    JsonNode sure = JSON.readTree(only(scored("sure")).value()).path("cross_encoder");
    JsonNode unsure = JSON.readTree(only(scored("unsure")).value()).path("cross_encoder");
    assertThat(sure.path("stage").asInt(-1)).isZero();
    assertThat(unsure.path("stage").asInt(-1)).isOne();
    assertThat(sure.path("stages")).isEqualTo(unsure.path("stages")).hasSize(2);
    assertThat(sure.path("score").asDouble()).isNotEqualTo(unsure.path("score").asDouble());
  }

  @Test
  void aBadDocumentIsAnErrorAndARecordWithoutAGoodOneADeadLetter() throws Exception {
    run(
        "bad",
        RANK,
        "{\"query\":\"q\",\"documents\":[\"a\",null,[\"b\"],{\"title\":\"c\"},{\"text\":5}]}",
        "{\"query\":\"q\",\"documents\":[]}",
        "{\"query\":\"q\",\"documents\":[null]}",
        "{\"query\":\"q\",\"documents\":\"a\"}",
        "{\"query\":\"q\"}",
        "{\"documents\":[\"a\"]}");

    List<ConsumerRecord<byte[], byte[]>> results = topics.committed(scored("bad"));
    assertThat(results).hasSize(2);
    JsonNode first = JSON.readTree(results.get(0).value()).path("cross_encoder");
    assertThat(first.path("results").findValuesAsText("index")).containsExactly("0");
    assertThat(first.path("errors").findValuesAsText("index")).containsExactly("1", "2", "3", "4");
    assertThat(first.path("errors").findValuesAsText("code"))
        .containsExactly("not_text", "not_text", "missing_field", "not_text");
    JsonNode empty = JSON.readTree(results.get(1).value()).path("cross_encoder");
    assertThat(empty.path("results")).isEmpty();
    assertThat(topics.committed(dead("bad")))
        .extracting(letter -> TestTopics.headers(letter).get("cross-encoder.reason"))
        .containsExactly("no_valid_document", "not_array", "missing_field", "missing_field");
  }

  @Test
  void moreDocumentsThanAllowedAreADeadLetterThatNamesTheOption() throws Exception {
    run(
        "many",
        Map.of("input.documents", "/documents", "cross-encoder.max-documents", "2"),
        "{\"query\":\"q\",\"documents\":[\"a\",\"b\",\"c\"]}");

    assertThat(TestTopics.headers(only(dead("many"))))
        .containsEntry("cross-encoder.reason", "too_many_documents")
        .containsEntry(
            "cross-encoder.message",
            "The record has more than 2 documents. Raise cross-encoder.max-documents, or send fewer documents in a record.");
  }

  @Test
  void aPairBelowTheSmallestScoreIsInNoTopic() throws Exception {
    run(
        "filtered",
        Map.of("cross-encoder.min-score", "0.5"),
        "{\"query\":\"%s\",\"passage\":\"%s\"}".formatted(QUERY, DOCUMENTS.get(0)),
        "{\"query\":\"%s\",\"passage\":\"%s\"}".formatted(QUERY, DOCUMENTS.get(1)));

    assertThat(TestTopics.value(only(scored("filtered")))).contains(DOCUMENTS.get(1));
    assertThat(topics.committed(dead("filtered"))).isEmpty();
  }

  /** Lists in flight are part of the savepoint, whatever the order and distribution. */
  @Test
  void listsAreRankedOnceAcrossASavepointWithAnotherParallelism() throws Exception {
    jobs.createTopics("resumed", 2);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int id = 0; id < 200; id++) {
      records.add(new ProducerRecord<>("resumed", id % 2, bytes("" + id), bytes(listRecord(id))));
    }
    topics.send(records);
    Map<String, String> options =
        Map.of(
            "input.documents", "/documents",
            "distribution", "rebalance",
            "cross-encoder.order", "unordered",
            "cross-encoder.batch.max-pairs", "8",
            "cross-encoder.capacity", "16");
    JobClient job = jobs.start(TestJobs.environment(), "resumed", options);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> topics.written(scored("resumed")).size() > 20);
    String savepoint = jobs.stopWithSavepoint(job, folder);
    assertThat(topics.committed(scored("resumed"))).hasSizeBetween(21, 199);

    Map<String, String> more = new HashMap<>(options);
    more.put("parallelism", "1");
    JobClient resumed = jobs.start(TestJobs.from(savepoint), "resumed", more);
    topics.awaitCommitted(200, scored("resumed"));
    resumed.cancel().get(30, TimeUnit.SECONDS);

    assertThat(topics.countsByKey(scored("resumed"), dead("resumed")))
        .hasSize(200)
        .allSatisfy((key, count) -> assertThat(count).isOne());
    assertThat(topics.committed(scored("resumed")))
        .allSatisfy(
            result ->
                assertThat(JSON.readTree(result.value()).at("/cross_encoder/results"))
                    .hasSize(1 + Integer.parseInt(TestTopics.key(result)) % 5));
  }

  private static String listRecord(int id) {
    List<String> documents =
        IntStream.rangeClosed(0, id % 5)
            .mapToObj(i -> "\"%s\"".formatted(DOCUMENTS.get((id + i) % DOCUMENTS.size())))
            .toList();
    return "{\"id\":%d,\"query\":\"%s\",\"documents\":[%s]}"
        .formatted(id, QUERY, String.join(",", documents));
  }

  /** Runs a job over records, which are in one partition. */
  private static void run(String name, Map<String, String> options, String... values)
      throws Exception {
    jobs.createTopics(name, 1);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (String value : values) {
      records.add(new ProducerRecord<>(name, 0, bytes("k"), bytes(value)));
    }
    topics.send(records);
    jobs.runToEnd(name, options);
  }

  private static ConsumerRecord<byte[], byte[]> only(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = topics.committed(topic);
    assertThat(records).hasSize(1);
    return records.get(0);
  }
}
