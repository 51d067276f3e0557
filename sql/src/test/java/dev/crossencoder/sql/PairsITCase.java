package dev.crossencoder.sql;

import static dev.crossencoder.sql.Tables.ANSWER;
import static dev.crossencoder.sql.Tables.OTHER;
import static dev.crossencoder.sql.Tables.QUESTION;
import static dev.crossencoder.sql.Tables.rows;
import static dev.crossencoder.sql.Tables.scores;
import static dev.crossencoder.sql.Tables.tolerance;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.List;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PairsITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(Tables.cluster());

  @Test
  void aPairHasTheScoreThatItHasWithoutFlink() {
    StreamTableEnvironment tables = Tables.withPairs();
    tables.executeSql(
        "CREATE MODEL qa INPUT (query STRING, passage STRING) OUTPUT (score FLOAT) WITH ('provider' = 'cross-encoder', 'model' = 'demo-qa')");

    List<Row> rows =
        rows(
            tables,
            "SELECT id, score FROM ML_PREDICT(TABLE pairs, MODEL qa, DESCRIPTOR(query, passage), MAP['max-concurrent-operations', '128'])");

    List<Score> expected =
        scores("demo-qa", List.of(new TextPair(QUESTION, ANSWER), new TextPair(QUESTION, OTHER)));
    assertThat(rows).hasSize(2);
    for (int i = 0; i < 2; i++) {
      float score = expected.get(i).score();
      assertThat((int) rows.get(i).getFieldAs("id")).isEqualTo(i + 1);
      assertThat((float) rows.get(i).getFieldAs("score")).isCloseTo(score, tolerance(score));
    }
  }
}
