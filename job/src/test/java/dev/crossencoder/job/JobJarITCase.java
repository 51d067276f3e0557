package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

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
          .isEqualTo("dev.crossencoder.job.CrossEncoderJob");
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
        .noneMatch(
            jar ->
                jar.startsWith("flink-cross-encoder-job")
                    || jar.startsWith("kafka")
                    || jar.startsWith("flink-connector-kafka")
                    || jar.startsWith("slf4j")
                    || jar.startsWith("log4j")
                    || jar.startsWith("flink-streaming"));
  }

  private static boolean mustBeLoadedOnce(String entry) {
    return Stream.of(
            "dev/crossencoder/bundle",
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
