package dev.crossencoder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.job.record.FailureCodes;
import dev.crossencoder.operator.Failure;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigurationPageTest {
  private static final Path PAGE = Path.of("..", "docs", "configuration.md");

  @Test
  void thePageIsUpToDate() throws IOException {
    if (System.getProperty("configuration-page.write") != null) {
      Files.writeString(PAGE, ConfigurationPage.text());
    }
    assertThat(Files.readString(PAGE))
        .as("docs/configuration.md is generated: its first lines say how to regenerate it")
        .isEqualTo(ConfigurationPage.text());
  }

  @Test
  void everyReasonOfADeadLetterIsExplained() {
    for (Class<?> codes : List.of(FailureCodes.class, Failure.class)) {
      for (Field code : codes.getFields()) {
        assertThat(ConfigurationPage.text().lines())
            .as(code.getName())
            .anyMatch(line -> line.matches("\\| .*`%s`.* \\| .+ \\|".formatted(reason(code))));
      }
    }
  }

  private static Object reason(Field code) {
    try {
      return code.get(null);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
