package dev.crossencoder.benchmark.race;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContenderTest {
  @ParameterizedTest
  @EnumSource(Contender.class)
  void allSettingsHaveTheSameOptionsAndCanBeWritten(Contender contender) {
    for (Setting setting : contender.settings()) {
      assertThat(setting.options().keySet())
          .isEqualTo(contender.settings().get(0).options().keySet());
      assertThat(Setting.of(setting.toString())).isEqualTo(setting);
    }
    assertThat(contender.settings()).doesNotHaveDuplicates();
    assertThat(Contender.parse(contender.key())).isEqualTo(contender);
  }

  @Test
  void anUnknownNameIsRefused() {
    assertThatThrownBy(() -> Contender.parse("spark"))
        .hasMessage(
            "Invalid contender: spark. It must be one of ours, datastream, sql, pyflink-process,"
                + " pyflink-thread, infinity, fastapi, djl.");
  }
}
