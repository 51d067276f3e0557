package example;

// readme:table-api
import java.util.Map;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.ModelDescriptor;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.ColumnList;

/** Scores the rows of a table, with a model that is declared in Java. */
public final class SqlExample {
  public static void main(String[] args) {
    TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    tables.createTemporaryModel(
        "demo_rank",
        ModelDescriptor.forProvider("cross-encoder")
            .inputSchema(
                Schema.newBuilder()
                    .column("query", DataTypes.STRING())
                    .column("passage", DataTypes.STRING())
                    .build())
            .outputSchema(Schema.newBuilder().column("score", DataTypes.FLOAT()).build())
            .option("model", "demo-rank")
            .build());
    Table pairs =
        tables.sqlQuery(
            "SELECT * FROM (VALUES ('How tall is it?', 'It is 41 metres tall.')) AS t (query, passage)");
    tables
        .fromModel("demo_rank")
        .predict(
            pairs, ColumnList.of("query", "passage"), Map.of("max-concurrent-operations", "128"))
        .execute()
        .print();
  }
}
// end:table-api
