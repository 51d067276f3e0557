package dev.crossencoder.job.kafka.source;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.io.File;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client that is closed after its class loader was, as on a job manager whose job has ended. */
@Timeout(120)
class ClosingClassesITCase {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @Test
  void aClientClosesAfterItsClassLoader(@TempDir Path folder) throws Exception {
    assertThat(closeAfterTheClassLoader(folder, true)).isNull();
  }

  @Test
  void withoutThemItsThreadDies(@TempDir Path folder) throws Exception {
    assertThat(closeAfterTheClassLoader(folder, false)).isInstanceOf(NoClassDefFoundError.class);
  }

  @Test
  void theSourceLoadsThem() {
    classes()
        .should()
        .callMethod(ClosingClasses.class, "load", SplitEnumeratorContext.class, Properties.class)
        .check(new ClassFileImporter().importClasses(PositionedSource.class));
  }

  /** Returns what the client's thread has died of, or null. */
  private static Throwable closeAfterTheClassLoader(Path folder, boolean load) throws Exception {
    CompletableFuture<Throwable> died = new CompletableFuture<>();
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder)) {
      Properties properties = new Properties();
      properties.put("bootstrap.servers", kafka.bootstrapServers());
      AutoCloseable admin;
      try (URLClassLoader loader =
          new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
        Thread.currentThread().setContextClassLoader(loader);
        if (load) {
          Method method =
              loader
                  .loadClass(ClosingClasses.class.getName())
                  .getDeclaredMethod("load", Properties.class);
          method.setAccessible(true);
          method.invoke(null, properties);
        }
        admin = connected(loader, properties);
      } finally {
        Thread.currentThread().setContextClassLoader(ClosingClassesITCase.class.getClassLoader());
      }
      Thread client = clientThread();
      client.setUncaughtExceptionHandler((thread, failure) -> died.complete(failure));
      admin.close();
      await().atMost(DEADLINE).until(() -> !client.isAlive());
      return died.getNow(null);
    }
  }

  private static AutoCloseable connected(ClassLoader loader, Properties properties)
      throws Exception {
    Class<?> type = loader.loadClass("org.apache.kafka.clients.admin.Admin");
    AutoCloseable admin =
        (AutoCloseable) type.getMethod("create", Properties.class).invoke(null, properties);
    Object topics = type.getMethod("listTopics").invoke(admin);
    Object names = topics.getClass().getMethod("names").invoke(topics);
    loader.loadClass("org.apache.kafka.common.KafkaFuture").getMethod("get").invoke(names);
    return admin;
  }

  private static Thread clientThread() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("kafka-admin-client-thread"))
        .findFirst()
        .orElseThrow();
  }

  private static URL[] classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(
            entry -> {
              try {
                return new File(entry).toURI().toURL();
              } catch (MalformedURLException e) {
                throw new IllegalStateException(e);
              }
            })
        .toArray(URL[]::new);
  }
}
