package dev.crossencoder.stock;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The comparison finds what a job can do wrong. */
@Tag("full")
class OutputsTest {
  private static final int SENT = 41;
  private static CrossEncoder model;

  @BeforeAll
  static void open() {
    Bundle bundle = ModelRepository.shared().resolve("demo-qa");
    model = CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void nothingIsWrongWithWhatAJobMustWrite() {
    assertThat(problems(records -> records)).isEmpty();
  }

  @Test
  void aRecordWithoutAnOutputIsFound() {
    assertThat(
            problems(
                records -> {
                  records.remove(7);
                  return records;
                }))
        .containsExactly("record 7 has 0 outputs");
  }

  @Test
  void aRecordWithTwoOutputsIsFound() {
    assertThat(
            problems(
                records -> {
                  records.add(result(new NumberedRecord(7), SENT, score(7)));
                  return records;
                }))
        .containsExactly("record 7 has 2 outputs");
  }

  @Test
  void recordsThatWereNotSentAreFound() {
    assertThat(
            problems(
                records -> {
                  records.add(result(new NumberedRecord(SENT), SENT, 0));
                  records.add(output("scored", SENT + 1, null, new byte[0]));
                  return records;
                }))
        .containsExactly(
            "1 records have no key, and 0 were sent", "record %d was not sent".formatted(SENT));
  }

  @Test
  void anotherScoreIsFound() {
    assertThat(
            problems(
                records -> {
                  records.set(7, result(new NumberedRecord(7), 7, score(7) + 0.01f));
                  return records;
                }))
        .singleElement()
        .asString()
        .contains("record 7, scored/0 at 7: its score is");
  }

  @Test
  void aChangedRecordIsFound() {
    assertThat(
            problems(
                records -> {
                  byte[] changed = records.get(7).value().clone();
                  changed[3] = 'N';
                  records.set(7, output("scored", 7, "7", changed));
                  return records;
                }))
        .containsExactly("record 7, scored/0 at 7: its bytes have changed");
  }

  @Test
  void aDeadLetterThatCouldBeScoredIsFound() {
    assertThat(
            problems(
                records -> {
                  byte[] sent = new NumberedRecord(7).value();
                  records.set(7, output("scored-dead-letters", 7, "7", sent));
                  return records;
                }))
        .containsExactly("record 7, scored-dead-letters/0 at 7: it is on the wrong topic");
  }

  @Test
  void anEarlierPlaceOfALaterRecordIsFound() {
    assertThat(
            problems(
                records -> {
                  records.set(7, result(new NumberedRecord(7), 8, score(7)));
                  records.set(8, result(new NumberedRecord(8), 7, score(8)));
                  return records;
                }))
        .containsExactly("record 8, scored/0 at 7: it is before an earlier one");
  }

  @Test
  void aModelThatHasScoredNothingIsFound() {
    Outputs outputs = new Outputs("scored");
    correct().forEach(outputs::add);

    assertThat(outputs.problems(SENT, 0, Map.of(model.bundle().digest(), model, "sha256:1", model)))
        .containsExactly("the model sha256:1 has scored no record");
  }

  private static List<String> problems(UnaryOperator<List<ConsumerRecord<byte[], byte[]>>> change) {
    Outputs outputs = new Outputs("scored");
    change.apply(correct()).forEach(outputs::add);
    return outputs.problems(SENT, 0, Map.of(model.bundle().digest(), model));
  }

  private static List<ConsumerRecord<byte[], byte[]>> correct() {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int number = 0; number < SENT; number++) {
      NumberedRecord record = new NumberedRecord(number);
      records.add(
          record.isMalformed()
              ? output("scored-dead-letters", number, record.key(), record.value())
              : result(record, number, score(number)));
    }
    return records;
  }

  private static float score(int number) {
    return model.score(new NumberedRecord(number).pair()).score();
  }

  private static ConsumerRecord<byte[], byte[]> result(
      NumberedRecord record, int offset, float score) {
    String sent = new String(record.value(), UTF_8);
    String member =
        ",\"cross_encoder\":{\"model\":\"demo-qa\",\"revision\":\"%s\",\"score\":%s,\"truncated\":false}}"
            .formatted(model.bundle().digest(), score);
    return output(
        "scored",
        offset,
        record.key(),
        (sent.substring(0, sent.length() - 1) + member).getBytes(UTF_8));
  }

  private static ConsumerRecord<byte[], byte[]> output(
      String topic, int offset, String key, byte[] value) {
    return new ConsumerRecord<>(topic, 0, offset, key == null ? null : key.getBytes(UTF_8), value);
  }
}
