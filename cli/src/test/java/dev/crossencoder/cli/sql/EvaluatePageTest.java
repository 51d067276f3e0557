package dev.crossencoder.cli.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.cli.sql.SqlPage.Block;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.junit.jupiter.api.Test;

/** The statements of docs/evaluate.md are planned, as on a cluster. */
class EvaluatePageTest {
  @Test
  void theStatementsOfThePageCanBePlanned() throws IOException {
    StringWriter out = new StringWriter();
    TableEnvironment environment = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    SqlSession session = new SqlSession(environment, new PrintWriter(out, true));

    for (Block block : SqlPage.read(Path.of("..", "docs", "evaluate.md")).blocks()) {
      StatementReader statements = StatementReader.of(block.statements(), session::isComplete);
      for (Optional<String> next = statements.next(); next.isPresent(); next = statements.next()) {
        if (next.get().strip().startsWith("INSERT")) {
          out.append(environment.explainSql(next.get()));
        } else {
          session.execute(next.get());
        }
      }
    }

    assertThat(out.toString()).contains("Sink(table=[default_catalog.default_database.judged]");
    assertThat(environment.listTables()).contains("scored", "gold_labels", "judged");
  }
}
