"""Scores pairs with a model that is declared in Python."""

from pyflink.table import DataTypes, EnvironmentSettings, Schema, TableEnvironment
from pyflink.table.model_descriptor import ModelDescriptor

environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())

environment.create_temporary_model(
    "demo_rank",
    ModelDescriptor.for_provider("cross-encoder")
    .input_schema(
        Schema.new_builder()
        .column("query", DataTypes.STRING())
        .column("passage", DataTypes.STRING())
        .build()
    )
    .output_schema(Schema.new_builder().column("score", DataTypes.FLOAT()).build())
    .option("model", "demo-rank")
    .build(),
)
environment.execute_sql("""
    CREATE TEMPORARY VIEW towers AS
    SELECT * FROM (VALUES
        (1, 'how tall is it?', 'It is 41 metres tall.'),
        (2, 'how tall is it?', 'It was painted blue in 1987.')
    ) AS t (id, query, passage)
""")
result = environment.execute_sql("""
    SELECT id, score
    FROM ML_PREDICT(
        TABLE towers, MODEL demo_rank, DESCRIPTOR(query, passage), MAP['max-concurrent-operations', '128'])
""")
with result.collect() as rows:
    for row in rows:
        print(row[0], row[1])
