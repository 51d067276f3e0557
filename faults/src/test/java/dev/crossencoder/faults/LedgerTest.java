package dev.crossencoder.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

/** What a run's ledger notices. */
class LedgerTest {
  private static final int RECORDS = 100;
  private static final int MALFORMED = 20;

  private final Traffic traffic = new Traffic(7, 2);
  private final Ledger ledger = new Ledger(traffic, RECORDS);
  private final Map<Integer, Double> scores = new HashMap<>();

  @Test
  void allOutputsOnceAreAsTheyMustBe() {
    noteAll();

    Verdict verdict = ledger.verdict();

    assertThat(verdict.isExactlyOnce()).as("%s", verdict).isTrue();
    assertThat(verdict.results()).isEqualTo(98);
    assertThat(verdict.deadLetters()).isEqualTo(2);
    assertThat(verdict.examples()).isEmpty();
    assertThat(ledger.isComplete()).isTrue();
  }

  @Test
  void aMissingOutputIsLost() {
    for (int i = 0; i < RECORDS; i++) {
      if (i != 41) {
        note(i);
      }
    }

    assertThat(ledger.isComplete()).isFalse();
    assertThat(ledger.verdict().lost()).isEqualTo(1);
    assertThat(ledger.verdict().isAtLeastOnce()).isFalse();
    assertThat(ledger.verdict().examples()).contains("record 41 has no output");
  }

  @Test
  void aSecondOutputIsADuplicateAndNothingWorse() {
    noteAll();
    note(3);
    note(MALFORMED);

    Verdict verdict = ledger.verdict();

    assertThat(verdict.duplicated()).isEqualTo(2);
    assertThat(verdict.isExactlyOnce()).isFalse();
    assertThat(verdict.isAtLeastOnce()).isTrue();
  }

  @Test
  void anOutputBehindALaterOneOfItsPartitionIsOutOfOrder() {
    int later = 1;
    while (traffic.record(later).partition() != traffic.record(0).partition()) {
      later++;
    }
    note(later);
    note(0);

    assertThat(ledger.verdict().outOfOrder()).isEqualTo(1);
  }

  @Test
  void whatAResultMustKeepIsCompared() {
    assertThat(altered(5, sent -> with(sent, text(sent.value()).replace("1.50e+1", "15.0"))))
        .contains("its value is");
    assertThat(altered(6, sent -> withKey(sent, "other"))).contains("its key differs");
    assertThat(altered(7, sent -> at(sent, sent.timestamp() + 1, sent.partition())))
        .contains("its timestamp is");
    assertThat(altered(8, sent -> at(sent, sent.timestamp(), 1 - sent.partition())))
        .contains("it went from partition");
  }

  @Test
  void aDeadLetterMustKeepItsBytes() {
    assertThat(altered(MALFORMED, sent -> with(sent, "other"))).contains("its value differs");
  }

  @Test
  void aDeadLetterSaysWhy() {
    SentRecord sent = traffic.record(MALFORMED);
    ledger.deadLetter(output(sent, "dead", sent.value()));

    assertThat(ledger.verdict().altered()).isEqualTo(1);
    assertThat(ledger.verdict().examples().get(0)).contains("it has no header");
  }

  @Test
  void aScoreOfOtherTextsIsNoticed() {
    noteAll();
    int number = 9;
    scores.put(traffic.record(number).pair(), 0.123);
    Ledger again = new Ledger(traffic, RECORDS);
    again.result(result(number));
    scores.put(traffic.record(number).pair(), 0.124);
    again.result(result(number));

    assertThat(again.verdict().altered()).isEqualTo(1);
    assertThat(again.verdict().examples().toString()).contains("another of the same texts had");
  }

  @Test
  void whatIsOnTheWrongTopicIsNoticed() {
    ledger.deadLetter(result(4));

    assertThat(ledger.verdict().altered()).isEqualTo(1);
  }

  @Test
  void whatNobodySentIsNoticed() {
    ledger.result(result(RECORDS + 1));
    ledger.result(new ConsumerRecord<>("scored", 0, 0, new byte[0], new byte[0]));

    assertThat(ledger.verdict().altered()).isEqualTo(2);
  }

  private void noteAll() {
    for (int i = 0; i < RECORDS; i++) {
      note(i);
    }
  }

  private void note(int number) {
    SentRecord sent = traffic.record(number);
    if (sent.wellFormed()) {
      ledger.result(result(number));
    } else {
      ledger.deadLetter(deadLetter(sent));
    }
  }

  /** Notes an output of what the change makes of a record, and returns what is said of it. */
  private String altered(int number, UnaryOperator<SentRecord> change) {
    SentRecord changed = change.apply(traffic.record(number));
    Ledger fresh = new Ledger(traffic, RECORDS);
    if (changed.wellFormed()) {
      fresh.result(output(changed, "scored", spliced(changed)));
    } else {
      fresh.deadLetter(deadLetter(changed));
    }
    assertThat(fresh.verdict().altered()).isEqualTo(1);
    return fresh.verdict().examples().get(0);
  }

  private ConsumerRecord<byte[], byte[]> result(int number) {
    SentRecord sent = traffic.record(number);
    return output(sent, "scored", spliced(sent));
  }

  private byte[] spliced(SentRecord sent) {
    String value = text(sent.value());
    double score = Optional.ofNullable(scores.get(sent.pair())).orElse(0.01 * sent.pair());
    return Traffic.bytes(
        value.substring(0, value.length() - 1) + ",\"cross_encoder\":{\"score\":" + score + "}}");
  }

  private static ConsumerRecord<byte[], byte[]> deadLetter(SentRecord sent) {
    ConsumerRecord<byte[], byte[]> record = output(sent, "dead", sent.value());
    record.headers().add("cross-encoder.reason", Traffic.bytes("invalid_json"));
    return record;
  }

  private static ConsumerRecord<byte[], byte[]> output(
      SentRecord sent, String topic, byte[] value) {
    RecordHeaders headers = new RecordHeaders();
    headers.add(Traffic.NUMBER, Traffic.bytes(String.valueOf(sent.number())));
    return new ConsumerRecord<>(
        topic,
        sent.partition(),
        0,
        sent.timestamp(),
        TimestampType.CREATE_TIME,
        sent.key().length,
        value.length,
        sent.key(),
        value,
        headers,
        Optional.empty());
  }

  private static SentRecord with(SentRecord sent, String value) {
    return new SentRecord(
        sent.number(),
        sent.partition(),
        sent.key(),
        Traffic.bytes(value),
        sent.timestamp(),
        sent.wellFormed(),
        sent.pair());
  }

  private static SentRecord withKey(SentRecord sent, String key) {
    return new SentRecord(
        sent.number(),
        sent.partition(),
        Traffic.bytes(key),
        sent.value(),
        sent.timestamp(),
        sent.wellFormed(),
        sent.pair());
  }

  private static SentRecord at(SentRecord sent, long timestamp, int partition) {
    return new SentRecord(
        sent.number(),
        partition,
        sent.key(),
        sent.value(),
        timestamp,
        sent.wellFormed(),
        sent.pair());
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
