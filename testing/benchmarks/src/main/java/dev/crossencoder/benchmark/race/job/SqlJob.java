package dev.crossencoder.benchmark.race.job;

import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.util.ParameterTool;

/** Scores with this project's model provider and {@code ML_PREDICT}, as docs/sql.md shows it. */
public final class SqlJob {
  private static final String KAFKA =
      """
      'connector' = 'kafka', 'format' = 'json', 'topic' = '%s', 'properties.bootstrap.servers' = '%s'\
      """;

  private SqlJob() {}

  /** Submits the statement. */
  public static void main(String[] args) {
    ParameterTool arguments = ParameterTool.fromArgs(args);
    String servers = arguments.getRequired("bootstrap-servers");
    String input = arguments.getRequired("input-topic");
    String output = arguments.getRequired("output-topic");
    TableEnvironment environment = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    environment
        .getConfig()
        .set("parallelism.default", arguments.getRequired("parallelism"))
        .set("pipeline.name", input)
        .set(
            "execution.checkpointing.interval", arguments.getRequired("checkpoint-millis") + " ms");
    environment.executeSql(
        """
        CREATE TABLE pairs (id BIGINT, intended BIGINT, query STRING, passage STRING) WITH (%s,
          'properties.group.id' = '%s', 'scan.startup.mode' = 'earliest-offset')
        """
            .formatted(KAFKA.formatted(input, servers), input));
    environment.executeSql(
        """
        CREATE TABLE scored (
          id BIGINT, intended BIGINT, query STRING, passage STRING, score FLOAT) WITH (%s,
          'sink.delivery-guarantee' = '%s', 'sink.transactional-id-prefix' = '%s',
          'properties.transaction.timeout.ms' = '600000')
        """
            .formatted(
                KAFKA.formatted(output, servers), arguments.getRequired("delivery"), output));
    environment.executeSql(
        """
        CREATE MODEL scorer INPUT (query STRING, passage STRING) OUTPUT (score FLOAT)
        WITH ('provider' = 'cross-encoder', 'model' = '%s')
        """
            .formatted(arguments.getRequired("model")));
    environment.executeSql(
        """
        INSERT INTO scored SELECT id, intended, query, passage, score
        FROM ML_PREDICT(TABLE pairs, MODEL scorer, DESCRIPTOR(query, passage),
          MAP['max-concurrent-operations', '128'])
        """);
  }
}
