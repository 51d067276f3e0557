package dev.crossencoder.faults.records;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

/** What a run's ledger notices. */
class LedgerTest {
  private static final int RECORDS = 400;
  private static final int MARKED = 50;

  /** When the job wrote its dead letters. */
  private static final long WRITTEN = 1_800_000_000_000L;

  private static final Topics TOPICS = Topics.of("test");

  private final Traffic traffic =
      new Traffic(
          7,
          Topics.PARTITIONS,
          Mix.USUAL
              .withMalformed(0.1)
              .withOversized(0.1)
              .withMarks(Map.of(MARKED, new Mix.Mark("mark", Fate.DEAD_LETTER))));
  private final Ledger ledger = new Ledger(traffic, TOPICS);

  /** An output as it must be, to be spoiled. */
  private record Output(
      String topic, int partition, long timestamp, byte[] key, byte[] value, Headers headers) {
    Output with(byte[] otherValue) {
      return new Output(topic, partition, timestamp, key, otherValue, headers);
    }

    Output with(Headers others) {
      return new Output(topic, partition, timestamp, key, value, others);
    }

    ConsumerRecord<byte[], byte[]> consumed() {
      return new ConsumerRecord<>(
          topic,
          partition,
          0,
          timestamp,
          TimestampType.CREATE_TIME,
          0,
          0,
          key,
          value,
          headers,
          Optional.empty());
    }
  }

  @Test
  void allOutputsOnceAreAsTheyMustBe() {
    noteAll();

    Verdict verdict = ledger.verdict(RECORDS);

    int deadLetters = (int) IntStream.range(0, RECORDS).filter(i -> !isScored(i)).count();
    assertThat(deadLetters).isBetween(50, 150);
    assertThat(verdict)
        .isEqualTo(
            new Verdict(
                RECORDS, RECORDS - deadLetters, deadLetters, 0, 0, 0, 0, verdict.examples()));
    assertThat(verdict.examples()).isEmpty();
    assertThat(ledger.seen()).isEqualTo(RECORDS);
  }

  @Test
  void trafficHasRecordsOfEachFate() {
    for (Fate fate : Fate.values()) {
      assertThat(IntStream.range(0, RECORDS).mapToObj(traffic::record))
          .as("%s", fate)
          .anyMatch(sent -> sent.fate() == fate);
    }
    assertThat(traffic.record(MARKED).fate()).isEqualTo(Fate.DEAD_LETTER);
    assertThat(text(traffic.record(MARKED).value())).contains("\"mark " + MARKED + "\"");
  }

  @Test
  void aMissingOutputIsLost() {
    IntStream.range(0, RECORDS).filter(i -> i != 41).forEach(this::note);

    assertThat(ledger.verdict(RECORDS).lost()).isEqualTo(1);
    assertThat(ledger.verdict(RECORDS).examples()).contains("record 41 has no output");
  }

  @Test
  void whatKafkaDeletedNeedsNoOutputAndAllElseDoes() {
    SentRecord deleted = traffic.record(41);
    long offset = offset(deleted);
    IntStream.range(0, RECORDS).filter(i -> i != 41 && i != 42).forEach(this::note);

    assertThat(ledger.deleted(deleted.partition(), offset, offset + 1)).isEqualTo(1);

    assertThat(ledger.settled()).isEqualTo(RECORDS - 1);
    assertThat(ledger.verdict(RECORDS).lost()).isEqualTo(1);
    assertThat(ledger.verdict(RECORDS).examples()).containsExactly("record 42 has no output");
  }

  @Test
  void timesThatAreFarAheadAreOfGoodRecords() {
    Traffic untimely = new Traffic(7, Topics.PARTITIONS, Mix.USUAL.withUntimely(0.1));

    long ahead =
        IntStream.range(0, RECORDS)
            .mapToObj(untimely::record)
            .filter(sent -> sent.timestamp() > 100 * WRITTEN)
            .peek(sent -> assertThat(sent.fate()).isEqualTo(Fate.SCORED))
            .count();

    assertThat(ahead).isBetween(RECORDS / 20L, RECORDS / 5L);
  }

  @Test
  void aListNeedsOneScoreForEachDocumentBestFirst() {
    Traffic lists = new Traffic(7, Topics.PARTITIONS, Mix.USUAL.withMalformed(0).withDocuments(2));
    SentRecord sent =
        IntStream.range(0, RECORDS)
            .mapToObj(lists::record)
            .filter(record -> lists.documents(record.pair()) == 2)
            .findFirst()
            .orElseThrow();
    String best = "{\"index\":1,\"relevance_score\":0.5}";
    String second = "{\"index\":0,\"relevance_score\":0.25}";

    assertThat(ofList(lists, sent, best + "," + second)).isZero();
    assertThat(ofList(lists, sent, second + "," + best)).isEqualTo(1);
    assertThat(ofList(lists, sent, best)).isEqualTo(1);
    assertThat(ofList(lists, sent, best + "," + best)).isEqualTo(1);
    assertThat(ofList(lists, sent, best + ",{\"index\":2,\"relevance_score\":0.1}")).isEqualTo(1);
    assertThat(ofList(lists, sent, best + ",{\"index\":0}")).isEqualTo(1);
  }

  /** How many outputs count as altered if the result of a record has these results. */
  private static int ofList(Traffic lists, SentRecord sent, String results) {
    Ledger listLedger = new Ledger(lists, TOPICS);
    byte[] kept = Arrays.copyOf(sent.value(), sent.value().length - 1);
    String member = ",\"cross_encoder\":{\"revision\":\"r\",\"results\":[%s]}}".formatted(results);
    byte[] value = bytes(new String(kept, StandardCharsets.UTF_8) + member);
    listLedger.note(
        new Output(
                TOPICS.output(),
                sent.partition(),
                sent.timestamp(),
                sent.key(),
                value,
                new RecordHeaders(sent.headers().toArray(new RecordHeader[0])))
            .consumed());
    return listLedger.verdict(sent.number() + 1).altered();
  }

  @Test
  void aSecondOutputIsADuplicateAndNothingWorse() {
    noteAll();
    note(scored(3));
    note(deadLetter(3));

    Verdict verdict = ledger.verdict(RECORDS);

    assertThat(verdict.duplicated()).isEqualTo(2);
    assertThat(verdict.lost()).isZero();
    assertThat(verdict.altered()).isZero();
    assertThat(verdict.outOfOrder()).isZero();
  }

  @Test
  void anOutputBehindALaterOneOfItsPartitionIsOutOfOrder() {
    int first = scored(0);
    int later = scored(first + 1);
    while (traffic.partition(later) != traffic.partition(first)) {
      later = scored(later + 1);
    }
    note(later);
    note(first);

    assertThat(ledger.verdict(RECORDS).outOfOrder()).isEqualTo(1);
  }

  @Test
  void anOutputOfWhatWasNotSentIsNoticed() {
    noteAll();
    note(RECORDS);

    assertThat(ledger.verdict(RECORDS).altered()).isEqualTo(1);
  }

  @Test
  void reachedIsWhatEveryPartitionHas() {
    note(RECORDS - 1);
    assertThat(ledger.hasReached(0)).isFalse();

    noteAll();

    assertThat(ledger.hasReached(RECORDS / 2)).isTrue();
    assertThat(ledger.hasReached(RECORDS)).isFalse();
  }

  @Test
  void whatAResultMustKeepIsCompared() {
    int number = scored(5);

    assertThat(
            altered(
                number, good -> good.with(bytes(text(good.value()).replace("1.50e+1", "15.0")))))
        .contains("its value is");
    assertThat(altered(number, good -> good.with(bytes(text(good.value()) + "}"))))
        .contains("its result is not valid JSON");
    assertThat(
            altered(
                number,
                good ->
                    good.with(
                        bytes(
                            text(good.value()).replaceFirst("}$", "")
                                + ",\"cross_encoder\":{\"score\":1}}"))))
        .contains("its result is not valid JSON");
    assertThat(altered(number, LedgerTest::withOtherKey)).contains("its key differs");
    assertThat(altered(number, LedgerTest::later)).contains("its timestamp is");
    assertThat(altered(number, LedgerTest::elsewhere)).contains("it went from partition");
    assertThat(altered(number, LedgerTest::withOneHeaderMore)).contains("its headers are");
  }

  @Test
  void whatADeadLetterMustKeepIsCompared() {
    int number = deadLetter(5);

    assertThat(altered(number, good -> good.with(bytes("other")))).contains("its value differs");
    assertThat(altered(number, LedgerTest::withOtherKey)).contains("its key differs");
    assertThat(altered(number, LedgerTest::withOneHeaderMore)).contains("its headers are");
    assertThat(altered(number, good -> without(good, "cross-encoder.timestamp")))
        .contains("its timestamp is");
    assertThat(altered(number, good -> without(good, "cross-encoder.reason")))
        .contains("it has no header cross-encoder.reason");
    assertThat(
            altered(
                number,
                good -> {
                  Output other = without(good, "cross-encoder.offset");
                  other.headers().add("cross-encoder.offset", bytes("1000"));
                  return other;
                }))
        .contains("it says that it is from partition");
  }

  @Test
  void aDeadLetterWithoutItsValueSaysSo() {
    int number = first(Fate.DEAD_LETTER_WITHOUT_VALUE, 0);
    note(number);

    assertThat(ledger.verdict(RECORDS).altered()).isZero();
    assertThat(ledger.seen()).isEqualTo(1);
    assertThat(altered(number, good -> good.with(bytes("content")))).contains("its value differs");
    assertThat(altered(number, good -> without(good, "cross-encoder.omitted")))
        .contains("it says that it has no");
  }

  @Test
  void aScoreOfOtherTextsIsNoticed() {
    int number = scored(9);
    note(number);
    Output good = output(number);
    ledger.note(
        good.with(bytes(text(good.value()).replace("\"score\":", "\"score\":1"))).consumed());

    assertThat(ledger.verdict(RECORDS).altered()).isEqualTo(1);
    assertThat(ledger.verdict(RECORDS).examples().toString())
        .contains("another of the same texts had");
  }

  @Test
  void anotherModelMayScoreOtherwise() {
    int number = scored(9);
    note(number);
    Output good = output(number);
    String other =
        text(good.value()).replace("\"score\":", "\"score\":1").replace("sha256:a", "sha256:b");
    ledger.note(good.with(bytes(other)).consumed());

    assertThat(ledger.verdict(RECORDS).altered()).isZero();
    assertThat(ledger.revisions()).isEqualTo(2);
  }

  /** Changes of models that go forward are no returns. */
  @Test
  void aReturnToAnEarlierModelIsNoticedWithinAPartition() {
    int first = scored(9);
    int partition = traffic.record(first).partition();
    int[] others =
        IntStream.range(first + 1, RECORDS)
            .filter(i -> isScored(i) && traffic.record(i).partition() == partition)
            .limit(3)
            .toArray();
    note(first);
    noteAs(others[0], "sha256:b");
    noteAs(others[1], "sha256:c");
    assertThat(ledger.revisionsReturned()).isZero();

    noteAs(others[2], "sha256:b");

    assertThat(ledger.revisionsReturned()).isOne();
    assertThat(ledger.verdict(RECORDS).examples().toString())
        .contains("partition %d returns to bundle sha256:b".formatted(partition));
  }

  private void noteAs(int number, String revision) {
    Output good = output(number);
    ledger.note(good.with(bytes(text(good.value()).replace("sha256:a", revision))).consumed());
  }

  @Test
  void whatIsOnTheWrongTopicIsNoticed() {
    Output good = output(scored(4));
    Output moved =
        new Output(
            TOPICS.deadLetters(),
            good.partition(),
            good.timestamp(),
            good.key(),
            good.value(),
            good.headers());
    ledger.note(moved.consumed());

    assertThat(ledger.verdict(RECORDS).examples().get(0)).contains("it is on the wrong topic");
  }

  @Test
  void aGoodRecordMayBeADeadLetterForAReasonThatIsAllowed() {
    int number = scored(4);
    SentRecord sent = traffic.record(number);
    ledger.allow("timeout");
    ledger.note(
        deadLetterOf(
                sent,
                sent.key(),
                sent.value(),
                sent.headers().toArray(new RecordHeader[0]),
                "timeout")
            .consumed());

    assertThat(ledger.verdict(RECORDS).altered()).isZero();
    assertThat(ledger.deadLetters("timeout")).isEqualTo(1);
  }

  @Test
  void whatNobodySentIsNoticed() {
    ledger.note(new ConsumerRecord<>(TOPICS.output(), 0, 0, new byte[0], new byte[0]));

    assertThat(ledger.verdict(RECORDS).altered()).isEqualTo(1);
  }

  private void noteAll() {
    IntStream.range(0, RECORDS).forEach(this::note);
  }

  private void note(int number) {
    ledger.note(output(number).consumed());
  }

  private boolean isScored(int number) {
    return traffic.record(number).fate() == Fate.SCORED;
  }

  /** The first record from a number on that is scored. */
  private int scored(int from) {
    return first(Fate.SCORED, from);
  }

  private int deadLetter(int from) {
    return first(Fate.DEAD_LETTER, from);
  }

  private int first(Fate fate, int from) {
    return IntStream.iterate(from, i -> i + 1)
        .filter(i -> traffic.record(i).fate() == fate)
        .findFirst()
        .orElseThrow();
  }

  /** Notes an output that a change has spoiled, and returns what is said of it. */
  private String altered(int number, UnaryOperator<Output> change) {
    Ledger fresh = new Ledger(traffic, TOPICS);
    fresh.note(change.apply(output(number)).consumed());
    assertThat(fresh.verdict(RECORDS).altered()).isEqualTo(1);
    return fresh.verdict(RECORDS).examples().get(0);
  }

  /** What the job makes of a record. */
  private Output output(int number) {
    SentRecord sent = traffic.record(number);
    RecordHeader[] headers = sent.headers().toArray(new RecordHeader[0]);
    return switch (sent.fate()) {
      case SCORED ->
          new Output(
              TOPICS.output(),
              sent.partition(),
              sent.timestamp(),
              sent.key(),
              spliced(sent),
              new RecordHeaders(headers));
      case DEAD_LETTER -> deadLetterOf(sent, sent.key(), sent.value(), headers, "invalid_json");
      case DEAD_LETTER_WITHOUT_VALUE ->
          deadLetterOf(sent, sent.key(), null, omitting(headers), "too_large");
    };
  }

  private Output deadLetterOf(
      SentRecord sent, byte[] key, byte[] value, RecordHeader[] headers, String reason) {
    RecordHeaders all = new RecordHeaders(headers);
    all.add("cross-encoder.reason", bytes(reason));
    all.add("cross-encoder.message", bytes("a sentence"));
    all.add("cross-encoder.topic", bytes(TOPICS.input()));
    all.add("cross-encoder.partition", bytes(String.valueOf(sent.partition())));
    all.add("cross-encoder.offset", bytes(String.valueOf(offset(sent))));
    all.add("cross-encoder.timestamp", bytes(String.valueOf(sent.timestamp())));
    return new Output(TOPICS.deadLetters(), sent.partition(), WRITTEN, key, value, all);
  }

  private static RecordHeader[] omitting(RecordHeader[] headers) {
    RecordHeader[] all = Arrays.copyOf(headers, headers.length + 1);
    all[headers.length] = new RecordHeader("cross-encoder.omitted", bytes("value"));
    return all;
  }

  private long offset(SentRecord sent) {
    return IntStream.range(0, sent.number())
        .filter(i -> traffic.partition(i) == sent.partition())
        .count();
  }

  private static byte[] spliced(SentRecord sent) {
    String value = text(sent.value());
    return bytes(
        value.substring(0, value.length() - 1)
            + ",\"cross_encoder\":{\"revision\":\"sha256:a\",\"score\":0.%d}}"
                .formatted(sent.pair()));
  }

  private static Output withOtherKey(Output good) {
    return new Output(
        good.topic(),
        good.partition(),
        good.timestamp(),
        bytes("other"),
        good.value(),
        good.headers());
  }

  private static Output later(Output good) {
    return new Output(
        good.topic(),
        good.partition(),
        good.timestamp() + 1,
        good.key(),
        good.value(),
        good.headers());
  }

  private static Output elsewhere(Output good) {
    return new Output(
        good.topic(),
        (good.partition() + 1) % Topics.PARTITIONS,
        good.timestamp(),
        good.key(),
        good.value(),
        good.headers());
  }

  private static Output withOneHeaderMore(Output good) {
    return good.with(new RecordHeaders(good.headers()).add("more", bytes("1")));
  }

  private static Output without(Output good, String header) {
    return good.with(new RecordHeaders(good.headers()).remove(header));
  }

  private static byte[] bytes(String text) {
    return Traffic.bytes(text);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
