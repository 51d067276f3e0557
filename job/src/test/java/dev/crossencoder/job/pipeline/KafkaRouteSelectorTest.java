package dev.crossencoder.job.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.record.InputFraming;
import dev.crossencoder.job.record.ResultMember;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

class KafkaRouteSelectorTest {
  private static final ResultMember MEMBER =
      new ResultMember("cross_encoder", false, false, InputFraming.NONE);

  private static KafkaRouteSelector selector(String... keysAndValues) {
    Map<String, String> options = new HashMap<>();
    options.put("bootstrap-servers", "kafka:9092");
    options.put("input.topic", "pairs");
    options.put("output.topic", "scored");
    options.put("cross-encoder.models.old.model", "demo-qa");
    options.put("cross-encoder.models.new.model", "demo-rank");
    options.put("cross-encoder.route.default", "old");
    for (int i = 0; i < keysAndValues.length; i += 2) {
      options.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return new KafkaRouteSelector(
        JobConfig.from(Configuration.fromMap(options)).input(), MEMBER, "old");
  }

  private static KafkaRecord record(String key, int partition, long offset, String value) {
    return new KafkaRecord(
        "pairs",
        partition,
        offset,
        0,
        key == null ? null : key.getBytes(StandardCharsets.UTF_8),
        value == null ? null : value.getBytes(StandardCharsets.UTF_8),
        List.of());
  }

  private static long canaries(KafkaRouteSelector selector, List<KafkaRecord> records)
      throws Exception {
    long count = 0;
    for (KafkaRecord record : records) {
      count += "new".equals(selector.route(record)) ? 1 : 0;
    }
    return count;
  }

  @Test
  void theCanaryGetsItsShareOfTheKeys() throws Exception {
    List<KafkaRecord> records =
        IntStream.range(0, 20_000).mapToObj(i -> record("user-" + i, i % 3, i, "{}")).toList();

    assertThat(canaries(selector("canary.model", "new", "canary.percent", "5"), records) / 200.0)
        .isCloseTo(5, within(0.5));
    assertThat(canaries(selector("canary.model", "new", "canary.percent", "0.5"), records) / 200.0)
        .isCloseTo(0.5, within(0.15));
    assertThat(canaries(selector("canary.model", "new", "canary.percent", "100"), records))
        .isEqualTo(20_000);
  }

  @Test
  void aKeyKeepsItsModelWhereverItIsAndIfTheShareIsRaised() throws Exception {
    KafkaRouteSelector five = selector("canary.model", "new", "canary.percent", "5");
    KafkaRouteSelector other =
        InstantiationUtil.clone(selector("canary.model", "new", "canary.percent", "5"));
    KafkaRouteSelector ten = selector("canary.model", "new", "canary.percent", "10");

    for (int i = 0; i < 2_000; i++) {
      String name = five.route(record("user-" + i, 0, i, "{}"));
      assertThat(other.route(record("user-" + i, 7, 99, "{\"x\":1}"))).isEqualTo(name);
      if (name != null) {
        assertThat(ten.route(record("user-" + i, 0, i, "{}"))).isEqualTo("new");
      }
    }
  }

  /** As docs/routing.md does it with sha256sum. */
  @Test
  void theHashCanBeComputedElsewhere() throws Exception {
    KafkaRouteSelector selector = selector("canary.model", "new", "canary.percent", "50");

    for (int i = 0; i < 50; i++) {
      String key = "user-" + i;
      long first =
          Long.parseLong(
              HexFormat.of()
                  .formatHex(
                      MessageDigest.getInstance("SHA-256")
                          .digest(key.getBytes(StandardCharsets.UTF_8)))
                  .substring(0, 8),
              16);
      assertThat("new".equals(selector.route(record(key, 0, 0, "{}"))))
          .isEqualTo(first % 10_000 < 5_000);
    }
  }

  @Test
  void aRecordWithoutAKeyIsChosenByItsPosition() throws Exception {
    KafkaRouteSelector selector = selector("canary.model", "new", "canary.percent", "50");
    List<KafkaRecord> records =
        IntStream.range(0, 2_000).mapToObj(i -> record(null, i % 2, i, "{}")).toList();

    assertThat(canaries(selector, records)).isBetween(900L, 1_100L);
    assertThat(canaries(selector, records)).isEqualTo(canaries(selector, records));
  }

  @Test
  void aNameInTheRecordCountsMore() throws Exception {
    KafkaRouteSelector selector =
        selector("canary.model", "new", "canary.percent", "100", "route", "/m");

    assertThat(selector.route(record("k", 0, 0, "{\"m\":\"old\"}"))).isEqualTo("old");
    assertThat(selector.route(record("k", 0, 0, "{\"m\":\"other\"}"))).isEqualTo("other");
    assertThat(selector.route(record("k", 0, 0, "{\"m\":null}"))).isEqualTo("new");
    assertThat(selector("route", "/m").route(record("k", 0, 0, "{}"))).isNull();
  }

  @Test
  void aTombstoneThatIsNotReadHasAnyModel() throws Exception {
    assertThat(selector("route", "/m", "input.tombstones", "drop").route(record("k", 0, 0, null)))
        .isEqualTo("old");
  }
}
