package dev.crossencoder.cli.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.junit.jupiter.api.Test;

class SqlPromptTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void aStatementMaySpanLinesAndALineMayHaveSeveral() throws Exception {
    type("CREATE VIEW numbers\nAS SELECT 1 AS n; SHOW VIEWS;\n");

    assertThat(out.toString()).startsWith("OK").contains("|   numbers |");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void aFailedStatementDoesNotEndIt() throws Exception {
    type("SELECT * FROM nothing;\nCREATE VIEW numbers AS SELECT 1 AS n;\n");

    assertThat(err.toString()).isEqualTo("Object 'nothing' not found%n".formatted());
    assertThat(out.toString()).startsWith("OK");
  }

  @Test
  void quitEndsIt() throws Exception {
    type("QUIT;\nCREATE VIEW numbers AS SELECT 1 AS n;\n");

    assertThat(out.toString()).isEmpty();
  }

  private void type(String text) throws Exception {
    SqlSession session =
        new SqlSession(
            TableEnvironment.create(EnvironmentSettings.inStreamingMode()),
            new PrintWriter(out, true));
    try (Terminal terminal =
        TerminalBuilder.builder()
            .system(false)
            .dumb(true)
            .streams(new ByteArrayInputStream(text.getBytes(UTF_8)), new ByteArrayOutputStream())
            .build()) {
      new SqlPrompt(session, terminal, new PrintWriter(err, true)).run();
    }
  }
}
