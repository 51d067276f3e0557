package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes where: the job into the job jar, model and natives into Flink's lib. */
class JobJarITCase {
  private static final Path JOB_JAR = Path.of(System.getProperty("job.jar"));
  private static final Path RUNTIME = Path.of(System.getProperty("runtime.folder"));

  @Test
  void theJobJarHoldsNothingThatMustBeLoadedOnce() throws Exception {
    List<String> entries = entries(JOB_JAR);

    assertThat(entries.contains("dev/crossencoder/job/CrossEncoderJob.class")).isTrue();
    assertThat(entries.stream().filter(JobJarITCase::mustBeLoadedOnce)).isEmpty();
  }

  @Test
  void theJobJarIsStartedByItsManifest() throws Exception {
    try (JarFile jar = new JarFile(JOB_JAR.toFile())) {
      assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class"))
          .isEqualTo("dev.crossencoder.job.JobMain");
      assertThat(jar.getManifest().getMainAttributes().getValue("Implementation-Version"))
          .isNotBlank();
      assertThat(jar.getEntry("META-INF/LICENSE")).isNotNull();
      assertThat(jar.getEntry("META-INF/NOTICE")).isNotNull();
    }
  }

  @Test
  void theRuntimeHoldsModelOperatorEngineAndNativesOnce() throws Exception {
    List<String> jars;
    try (Stream<Path> files = Files.list(RUNTIME)) {
      jars = files.map(file -> file.getFileName().toString()).toList();
    }

    for (String prefix :
        List.of(
            "cross-encoder-model-bundle-",
            "flink-cross-encoder-operators-",
            "api-",
            "pytorch-engine-",
            "pytorch-jni-",
            "pytorch-native-cpu-",
            "tokenizers-",
            "onnxruntime-",
            "flink-connector-base-")) {
      assertThat(jars).as(prefix).filteredOn(jar -> jar.startsWith(prefix)).hasSize(1);
    }
    assertThat(jars)
        .as("each is looked for before the job starts")
        .allSatisfy(
            jar ->
                assertThat(JobMain.runtimeJars())
                    .anyMatch(
                        known ->
                            jar.startsWith(known.name() + "-")
                                && contains(RUNTIME.resolve(jar), known.probe())));
    assertThat(jars)
        .noneMatch(
            jar ->
                jar.startsWith("flink-cross-encoder-job")
                    || jar.startsWith("kafka")
                    || jar.startsWith("flink-connector-kafka")
                    || jar.startsWith("slf4j")
                    || jar.startsWith("log4j")
                    || jar.startsWith("flink-streaming"));
  }

  private static boolean contains(Path jar, String entry) {
    try {
      return entries(jar).contains(entry);
    } catch (Exception e) {
      throw new AssertionError("Cannot read " + jar, e);
    }
  }

  @Test
  void whatTheRuntimeHasIsEnoughAndWhatItLacksIsNamed() throws Exception {
    List<URL> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(RUNTIME)) {
      for (Path file : files.sorted().toList()) {
        all.add(file.toUri().toURL());
      }
    }
    assertThatCode(() -> start(all)).doesNotThrowAnyException();

    for (URL jar : all) {
      List<URL> others = new ArrayList<>(all);
      others.remove(jar);
      String file = Path.of(jar.toURI()).getFileName().toString();
      assertThatThrownBy(() -> start(others))
          .as(file)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("1 of %d jars are missing that Flink's lib must have: ", all.size())
          .hasMessageContaining("cp job/target/runtime/*.jar $FLINK_HOME/lib/\n")
          .hasMessageContaining(
              "echo 'classloader.parent-first-patterns.additional: dev.crossencoder.model;dev.crossencoder.operator;ai.djl' >> $FLINK_HOME/conf/config.yaml");
    }
    assertThatThrownBy(() -> start(List.of()))
        .hasMessageStartingWith(
            "Cannot start the job. %1$d of %1$d jars are missing ".formatted(all.size()));
  }

  @Test
  void aJarOfAnotherVersionOrTwiceOrInTheJobIsNamed(@TempDir Path folder) throws Exception {
    List<URL> all = new ArrayList<>();
    Path operators = null;
    try (Stream<Path> files = Files.list(RUNTIME)) {
      for (Path file : files.sorted().toList()) {
        all.add(file.toUri().toURL());
        if (file.getFileName().toString().startsWith("flink-cross-encoder-operators-")) {
          operators = file;
        }
      }
    }
    Path old = Files.copy(operators, folder.resolve("flink-cross-encoder-operators-0.0.9.jar"));
    List<URL> twice = new ArrayList<>(all);
    twice.add(old.toUri().toURL());
    List<URL> other = new ArrayList<>(twice);
    other.remove(operators.toUri().toURL());

    assertThatThrownBy(() -> start(twice))
        .hasMessageContaining("Flink's lib has flink-cross-encoder-operators 2 times: ")
        .hasMessageContaining(old.toString());
    assertThatThrownBy(() -> start(other))
        .hasMessageContaining(" flink-cross-encoder-operators must be of version ")
        .hasMessageContaining(old.toString());
    assertThatThrownBy(() -> start(all, old.toUri().toURL()))
        .hasMessageContaining("flink-cross-encoder-operators is also in " + old);
  }

  /** What the job jar's main method says to --help, with these jars in Flink's lib. */
  private static void start(List<URL> lib, URL... besideTheJob) throws Exception {
    List<URL> flink = new ArrayList<>(lib);
    // Of Flink itself what the tests have; of the project and what it ships nothing.
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      String name = Path.of(entry).getFileName().toString();
      if (name.startsWith("flink-")
          && !name.contains("cross-encoder")
          && !name.contains("-base-")) {
        flink.add(Path.of(entry).toUri().toURL());
      }
      if (name.startsWith("slf4j-api")) {
        flink.add(Path.of(entry).toUri().toURL());
      }
    }
    List<URL> job = new ArrayList<>(List.of(besideTheJob));
    job.add(0, JOB_JAR.toUri().toURL());
    try (URLClassLoader parent =
            new URLClassLoader(flink.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        URLClassLoader child = new URLClassLoader(job.toArray(URL[]::new), parent)) {
      child
          .loadClass("dev.crossencoder.job.JobMain")
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[] {"--version"});
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  private static boolean mustBeLoadedOnce(String entry) {
    return Stream.of(
            "dev/crossencoder/model",
            "dev/crossencoder/operator",
            "dev/crossencoder/kafka",
            "ai/djl",
            "ai/onnxruntime",
            "native/",
            "kafka/server",
            "scala/",
            "org/apache/flink/streaming/api",
            "org/apache/flink/runtime",
            "org/slf4j")
        .anyMatch(entry::startsWith);
  }

  private static List<String> entries(Path file) throws Exception {
    try (JarFile jar = new JarFile(file.toFile())) {
      return jar.stream().map(ZipEntry::getName).toList();
    }
  }
}
