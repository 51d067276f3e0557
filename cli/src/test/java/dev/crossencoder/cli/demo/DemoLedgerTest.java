package dev.crossencoder.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.cli.local.DemoRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemoLedgerTest {
  private final DemoLedger ledger =
      new DemoLedger(
          List.of(new DemoRecord("good", new byte[0], true), new DemoRecord("bad", null, false)));

  @Test
  void hasNoComplaintsWhenEveryIdCameBackOnceWhereItShould() {
    ledger.scored("good");
    ledger.deadLetter("bad");

    assertThat(ledger.complaints()).isEmpty();
    assertThat(ledger.isComplete()).isTrue();
    assertThat(ledger.scored()).isEqualTo(1);
    assertThat(ledger.deadLetters()).isEqualTo(1);
  }

  @Test
  void complainsOfWhatIsMissing() {
    ledger.scored("good");

    assertThat(ledger.isComplete()).isFalse();
    assertThat(ledger.complaints()).containsExactly("1 records never came back, the first is bad.");
  }

  @Test
  void complainsOfWhatCameTwice() {
    ledger.scored("good");
    ledger.scored("good");
    ledger.deadLetter("bad");

    assertThat(ledger.complaints())
        .containsExactly("1 records came back more than once, the first is good.");
  }

  @Test
  void complainsOfAGoodRecordAmongTheDeadLetters() {
    ledger.deadLetter("good");
    ledger.deadLetter("bad");

    assertThat(ledger.complaints())
        .containsExactly("1 records came back on the wrong topic, the first is good.");
  }

  @Test
  void complainsOfWhatWasNeverSent() {
    ledger.scored("good");
    ledger.deadLetter("bad");
    ledger.scored("stranger");

    assertThat(ledger.complaints()).containsExactly("1 records came back that were never sent.");
  }
}
