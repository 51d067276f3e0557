package dev.crossencoder.cli.sql;

import dev.crossencoder.cli.local.LocalCluster;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/** A broker with the demo's records, a cluster, and a session with tables and models for them. */
final class LocalSql implements AutoCloseable {
  private final EmbeddedKafka kafka;
  private final LocalCluster flink;
  private final SqlSession session;

  private LocalSql(EmbeddedKafka kafka, LocalCluster flink, SqlSession session) {
    this.kafka = kafka;
    this.flink = flink;
    this.session = session;
  }

  /**
   * Starts broker and cluster.
   *
   * @param folder the folder for their files
   * @param out where the session prints results
   * @param progress is told what happens and where things are
   */
  static LocalSql start(Path folder, PrintWriter out, Consumer<String> progress) throws Exception {
    progress.accept("Starting Kafka …");
    EmbeddedKafka kafka =
        EmbeddedKafka.start(folder.resolve("kafka"), Map.of("auto.create.topics.enable", "true"));
    LocalCluster flink = null;
    try {
      SqlTables.fill(kafka);
      progress.accept("Starting Flink …");
      int slots = Math.min(SqlTables.PARTITIONS, Runtime.getRuntime().availableProcessors());
      flink = LocalCluster.start(slots, folder);
      progress.accept("Kafka is at " + kafka.bootstrapServers());
      progress.accept("Flink's web UI is at " + flink.address());
      SqlSession session = new SqlSession(StreamTableEnvironment.create(flink.environment()), out);
      session.set("parallelism.default", String.valueOf(slots));
      SqlTables.statements(kafka.bootstrapServers()).forEach(session::define);
      return new LocalSql(kafka, flink, session);
    } catch (Throwable t) {
      close(kafka, flink);
      throw t;
    }
  }

  SqlSession session() {
    return session;
  }

  @Override
  public void close() {
    close(kafka, flink);
  }

  private static void close(EmbeddedKafka kafka, LocalCluster flink) {
    try {
      if (flink != null) {
        flink.close();
      }
    } finally {
      kafka.close();
    }
  }
}
