package dev.crossencoder.cli.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.sql.SqlPage.Block;
import example.SqlExample;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The statements of docs/sql.md run in the order of the page, in one session. */
@Tag("full")
class SqlPageITCase {
  private static final Pattern ROWS = Pattern.compile("(?m)^[0-9]+ rows? in set$");

  @TempDir private static Path folder;
  private static final StringWriter OUT = new StringWriter();
  private static LocalSql sql;

  @BeforeAll
  static void start() throws Exception {
    sql = LocalSql.start(folder, new PrintWriter(OUT, true), line -> {});
  }

  @AfterAll
  static void stop() {
    sql.close();
  }

  @TestFactory
  Stream<DynamicTest> theStatementsOfThePageDoWhatItSays() throws IOException {
    List<Block> blocks = SqlPage.read().blocks();
    assertThat(blocks).extracting(Block::name).contains("pairs", "rerank").doesNotHaveDuplicates();
    return blocks.stream()
        .filter(Block::isRun)
        .map(block -> dynamicTest(block.name(), () -> check(block)));
  }

  @Test
  void theExampleInJavaPrintsAScore() {
    PrintStream terminal = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      SqlExample.main(new String[0]);
    } finally {
      System.setOut(terminal);
    }

    assertThat(printed.toString(UTF_8))
        .containsPattern("\\| +0\\.[89][0-9]+ \\|")
        .contains("1 row");
  }

  private static void check(Block block) throws IOException {
    SqlSession session = block.name().endsWith("batch") ? batchSession() : sql.session();
    if (block.isRefused()) {
      assertThat(block.answer()).isNotBlank();
      assertThatThrownBy(() -> runAll(session, block))
          .isInstanceOf(CommandFailedException.class)
          .hasMessageContaining(block.answer());
      return;
    }
    String printed = runAll(session, block);
    assertThat(printed).doesNotContain("Empty set");
    assertThat(rows(printed)).as(printed).containsAll(rows(block.answer()));
  }

  private static List<String> rows(String text) {
    return ROWS.matcher(text).results().map(MatchResult::group).toList();
  }

  /** The mode cannot change in a session of Java, as it can in sql-client.sh. */
  private static SqlSession batchSession() {
    SqlSession session =
        new SqlSession(
            TableEnvironment.create(EnvironmentSettings.inBatchMode()), new PrintWriter(OUT, true));
    SqlTables.statements("localhost:9092").forEach(session::define);
    return session;
  }

  private static String runAll(SqlSession session, Block block) throws IOException {
    StatementReader statements = StatementReader.of(block.statements(), session::isComplete);
    OUT.getBuffer().setLength(0);
    for (Optional<String> next = statements.next(); next.isPresent(); next = statements.next()) {
      session.execute(next.get());
    }
    return OUT.toString();
  }
}
