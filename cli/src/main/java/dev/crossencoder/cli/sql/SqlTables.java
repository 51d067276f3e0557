package dev.crossencoder.cli.sql;

import dev.crossencoder.cli.local.DemoData;
import dev.crossencoder.cli.local.DemoRecords;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.util.List;

/** The tables and models that a session has from the start. */
final class SqlTables {
  static final String PAIRS = "pairs";
  static final String REVIEWS = "reviews";
  static final int PARTITIONS = 2;

  private SqlTables() {}

  /** Creates the topics of the tables, and sends the demo's pairs to them. */
  static void fill(EmbeddedKafka kafka) throws InterruptedException {
    kafka.createTopic(PAIRS, PARTITIONS);
    kafka.createTopic(REVIEWS, PARTITIONS);
    DemoRecords.send(kafka.bootstrapServers(), PAIRS, DemoData.questions().pairs());
    DemoRecords.send(kafka.bootstrapServers(), REVIEWS, DemoData.premises().pairs());
  }

  /** Returns the statements that create the tables and models. */
  static List<String> statements(String bootstrapServers) {
    return List.of(
        // Each query reads what its topics contain when it starts, and ends.
        """
        CREATE TABLE kafka WITH (
          'connector' = 'kafka',
          'topic' = 'name',
          'properties.bootstrap.servers' = '%s',
          'scan.startup.mode' = 'earliest-offset',
          'scan.bounded.mode' = 'latest-offset',
          'format' = 'json'
        )
        """
            .formatted(bootstrapServers),
        """
        CREATE TABLE pairs (
          id STRING, question STRING, grade INT, lang STRING, query STRING, passage STRING,
          ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
          WATERMARK FOR ts AS ts
        ) WITH ('topic' = 'pairs') LIKE kafka (OVERWRITING OPTIONS)
        """,
        """
        CREATE TABLE reviews (
          id STRING, pair STRING, expected STRING, lang STRING, premise STRING, hypothesis STRING,
          ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
          WATERMARK FOR ts AS ts
        ) WITH ('topic' = 'reviews') LIKE kafka (OVERWRITING OPTIONS)
        """,
        """
        CREATE MODEL demo_rank
        INPUT (query STRING, passage STRING)
        OUTPUT (score FLOAT)
        WITH ('provider' = 'cross-encoder', 'model' = 'demo-rank')
        """,
        """
        CREATE MODEL demo_nli
        INPUT (premise STRING, hypothesis STRING)
        OUTPUT (label STRING, score FLOAT)
        WITH ('provider' = 'cross-encoder', 'model' = 'demo-nli', 'activation' = 'softmax')
        """);
  }
}
