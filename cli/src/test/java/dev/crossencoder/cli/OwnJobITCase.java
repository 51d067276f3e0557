package dev.crossencoder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A project of somebody's own, made of nothing but what a page of docs says: its dependencies, its
 * code and an empty folder. What the build installs lies in a local repository of its own; what
 * others have published comes from the local repository of this build, so that nothing is
 * downloaded.
 */
@Timeout(300)
@Tag("full")
class OwnJobITCase {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path OPERATOR_PAGE = ROOT.resolve("docs/operator.md");
  private static final Path JAVA_PAGE = ROOT.resolve("docs/java.md");
  private static final Path LOCAL_REPOSITORY = Path.of(System.getProperty("local.repository"));

  @TempDir static Path repository;
  @TempDir private Path project;

  @BeforeAll
  static void install() throws IOException {
    install("bom", "flink-cross-encoder-bom");
    install("model-bundle", "cross-encoder-model-bundle");
    install("demo-models", "cross-encoder-demo-models");
    install("operators", "flink-cross-encoder-operators");
  }

  @Test
  void theOperatorExampleCompilesOutsideOfThisProject() throws Exception {
    write("pom.xml", pom(block(OPERATOR_PAGE, "xml")));
    write("src/main/java/OperatorExample.java", block(OPERATOR_PAGE, "java"));

    compile();

    assertThat(project.resolve("target/classes/OperatorExample.class")).exists();
  }

  @Test
  void theExampleWithoutFlinkCompilesOutsideOfThisProject() throws Exception {
    write("pom.xml", pom(block(JAVA_PAGE, "xml")));
    write("src/main/java/JavaApiExample.java", block(JAVA_PAGE, "java"));

    compile();

    assertThat(project.resolve("target/classes/JavaApiExample.class")).exists();
  }

  @ParameterizedTest
  @CsvSource({
    "bom, flink-cross-encoder-bom",
    "demo-models, cross-encoder-demo-models",
    "model-bundle, cross-encoder-model-bundle",
    "operators, flink-cross-encoder-operators",
    "job, flink-cross-encoder-job"
  })
  void whatIsInstalledNamesNeitherTestsNorModulesThatAreNot(String module, String artifact)
      throws IOException {
    String pom = Files.readString(flattened(module));

    assertThat(pom)
        .contains("<artifactId>%s</artifactId>".formatted(artifact))
        .contains("Apache-2.0")
        .doesNotContain("<parent>", "<scope>test</scope>", "${", "<build>", "<modules>")
        .doesNotContain("embedded-kafka", "session-cluster", "faults", "benchmarks", "-cli<");
  }

  @ParameterizedTest
  @CsvSource({
    "model-bundle, cross-encoder-model-bundle, dev/crossencoder/model/scoring/CrossEncoder",
    "operators, flink-cross-encoder-operators, dev/crossencoder/operator/CrossEncoderFunction",
    "job, flink-cross-encoder-job, dev/crossencoder/job/CrossEncoderJob"
  })
  void sourcesAndJavadocAreThere(String module, String artifact, String name) throws IOException {
    Path target = ROOT.resolve(module).resolve("target");
    String start = artifact + "-" + version(module);
    try (JarFile sources = new JarFile(target.resolve(start + "-sources.jar").toFile());
        JarFile javadoc = new JarFile(target.resolve(start + "-javadoc.jar").toFile())) {
      assertThat(sources.getEntry(name + ".java")).isNotNull();
      assertThat(javadoc.getEntry(name + ".html")).isNotNull();
    }
  }

  private static void install(String module, String artifact) throws IOException {
    String version = version(module);
    Path folder =
        Files.createDirectories(
            repository.resolve("dev/crossencoder").resolve(artifact).resolve(version));
    String name = artifact + "-" + version;
    Files.copy(flattened(module), folder.resolve(name + ".pom"));
    Path jar = ROOT.resolve(module).resolve("target").resolve(name + ".jar");
    if (Files.exists(jar)) {
      Files.copy(jar, folder.resolve(name + ".jar"));
    }
  }

  private static Path flattened(String module) {
    return ROOT.resolve(module).resolve("target").resolve(".flattened-pom.xml");
  }

  private static String version(String module) throws IOException {
    String pom = Files.readString(flattened(module));
    return Pattern.compile("<version>([^<]+)</version>")
        .matcher(pom)
        .results()
        .findFirst()
        .map(match -> match.group(1))
        .orElseThrow();
  }

  /**
   * A parent that takes, where dependencies of Flink disagree, the versions that this build has
   * downloaded: others could not be had without a network.
   */
  private static String parent() throws IOException {
    String root = Files.readString(ROOT.resolve("pom.xml"));
    int start = root.indexOf("<dependency>", root.indexOf("For dependency convergence"));
    return """
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <groupId>example</groupId>
          <artifactId>parent</artifactId>
          <version>1</version>
          <packaging>pom</packaging>
          <properties>
            <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
          </properties>
          <dependencyManagement>
            <dependencies>
              %s
          </dependencyManagement>
        </project>
        """
        .formatted(root.substring(start, root.indexOf("</dependencyManagement>", start)));
  }

  /** A project with elements of a page, and the plugins that this build has downloaded. */
  private static String pom(String elements) {
    return """
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <parent>
            <groupId>example</groupId>
            <artifactId>parent</artifactId>
            <version>1</version>
            <relativePath>parent.xml</relativePath>
          </parent>
          <artifactId>example</artifactId>
        %s
          <build>
            <plugins>
              <plugin>
                <artifactId>maven-compiler-plugin</artifactId>
                <version>3.14.0</version>
              </plugin>
              <plugin>
                <artifactId>maven-resources-plugin</artifactId>
                <version>3.3.1</version>
              </plugin>
            </plugins>
          </build>
        </project>
        """
        .formatted(elements);
  }

  private void write(String file, String text) throws IOException {
    Path path = project.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void compile() throws Exception {
    write("parent.xml", parent());
    Path log = project.resolve("log.txt");
    Process maven =
        new ProcessBuilder(
                List.of(
                    ROOT.resolve("mvnw").toString(),
                    "-B",
                    "-o",
                    "-f",
                    project.resolve("pom.xml").toString(),
                    "-Dmaven.repo.local=" + repository,
                    "-Dmaven.repo.local.tail=" + LOCAL_REPOSITORY,
                    "compile"))
            .directory(project.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(maven.waitFor(240, TimeUnit.SECONDS)).isTrue();
      assertThat(maven.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      maven.destroyForcibly();
    }
  }

  /** The first block of a page in a language, which is the whole one; fragments come after it. */
  private static String block(Path page, String language) throws IOException {
    return Pattern.compile("(?s)```" + language + "\n(.*?)```")
        .matcher(Files.readString(page, StandardCharsets.UTF_8))
        .results()
        .map((MatchResult match) -> match.group(1))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no %s in %s".formatted(language, page)));
  }
}
