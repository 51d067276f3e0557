package dev.crossencoder.cli.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.cli.CommandLineFixture;
import dev.crossencoder.cli.command.ExitCodes;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a newcomer runs it. */
class SqlCommandITCase {
  @TempDir private Path folder;
  private final CommandLineFixture commandLine = new CommandLineFixture();

  @Test
  void aStatementPrintsATableOfScores() {
    int exitCode =
        commandLine.run(
            "sql",
            "-e",
            "SELECT id, score FROM ML_PREDICT((SELECT * FROM pairs WHERE id < '000010'), MODEL demo_rank, DESCRIPTOR(query, passage), MAP['max-concurrent-operations', '128'])");

    assertThat(exitCode).as(commandLine.err()).isZero();
    assertThat(commandLine.out())
        .containsPattern("\\| \\+I \\| +000001 \\| +0\\.9676\\d* \\|")
        .contains("10 rows in set");
    assertThat(commandLine.err()).contains("Flink's web UI is at http://").contains("Kafka is at ");
  }

  @Test
  void theStatementsOfAFileSeeEachOthersTables() throws Exception {
    Path file = folder.resolve("statements.sql");
    Files.writeString(
        file,
        """
        -- Writes to a topic; then reads it.
        CREATE TABLE labels (id STRING, label STRING)
        WITH ('topic' = 'labels') LIKE kafka (OVERWRITING OPTIONS);
        SET 'table.exec.async-ml-predict.max-concurrent-operations' = '128';
        INSERT INTO labels
        SELECT id, label
        FROM ML_PREDICT(TABLE reviews, MODEL demo_nli, DESCRIPTOR(premise, hypothesis));
        SELECT r.id, l.label FROM reviews AS r JOIN labels AS l ON r.id = l.id AND r.expected = l.label;
        QUIT;
        SELECT * FROM what_is_not_reached;
        """);

    int exitCode = commandLine.run("sql", file.toString());

    assertThat(exitCode).as(commandLine.err()).isZero();
    String out = commandLine.out();
    assertThat(out).startsWith("OK%nOK%n".formatted()).contains("entailment");
    String rows = out.lines().reduce((first, last) -> last).orElseThrow();
    assertThat(Integer.parseInt(rows.substring(0, rows.indexOf(' '))))
        .as("right labels of 120 reviews")
        .isGreaterThanOrEqualTo(78);
  }

  @Test
  void aWrongStatementIsOneSentenceWithItsLine() {
    InputStream terminal = System.in;
    System.setIn(
        new ByteArrayInputStream("SHOW TABLES;\nSELECT *\nFROM nothing;\n".getBytes(UTF_8)));
    try {
      assertThat(commandLine.run("sql")).isEqualTo(ExitCodes.FAILURE);
    } finally {
      System.setIn(terminal);
    }

    assertThat(commandLine.out()).contains("|      pairs |").contains("|    reviews |");
    assertThat(commandLine.err().lines())
        .last()
        .isEqualTo("Cannot run the statement in line 2: Object 'nothing' not found");
  }

  @Test
  void anOptionThatIsNotKnownIsOneSentence() {
    int exitCode =
        commandLine.run(
            "sql",
            "-e",
            """
            CREATE MODEL wrong INPUT (query STRING, passage STRING) OUTPUT (score FLOAT)
            WITH ('provider' = 'cross-encoder', 'model' = 'demo-qa', 'activaton' = 'sigmoid');
            SELECT score FROM ML_PREDICT(TABLE pairs, MODEL wrong, DESCRIPTOR(query, passage));
            """);

    assertThat(exitCode).isEqualTo(ExitCodes.FAILURE);
    assertThat(commandLine.err().lines())
        .last()
        .asString()
        .startsWith("Cannot run the statement in line 3: ")
        .contains("activaton")
        .contains("activation");
  }

  @Test
  void aFileThatIsMissingIsOneSentence() {
    assertThat(commandLine.run("sql", "missing.sql")).isEqualTo(ExitCodes.FAILURE);
    assertThat(commandLine.err()).isEqualTo("Cannot find missing.sql.%n".formatted());
  }
}
