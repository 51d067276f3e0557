package dev.crossencoder.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The dependencies between all modules of the project, without their tests. */
@AnalyzeClasses(packages = "dev.crossencoder", importOptions = ImportOption.DoNotIncludeTests.class)
class ProjectArchitectureTest {
  private static final Path ROOT = Path.of("..", "..");

  private static final String MODEL_BUNDLE = "dev.crossencoder.model..";
  private static final String OPERATORS = "dev.crossencoder.operator..";
  private static final String SQL = "dev.crossencoder.sql..";
  private static final String LANGCHAIN4J = "dev.crossencoder.langchain4j..";
  private static final String EVALUATION = "dev.crossencoder.evaluation..";
  private static final String JOB = "dev.crossencoder.job..";
  private static final String CLI = "dev.crossencoder.cli..";
  private static final String EMBEDDED_KAFKA = "dev.crossencoder.kafka..";
  private static final String SESSION_CLUSTER = "dev.crossencoder.cluster..";
  private static final String FAULTS_AGENT = "dev.crossencoder.faults.agent..";
  private static final String FAULTS = "dev.crossencoder.faults..";
  private static final String BENCHMARKS = "dev.crossencoder.benchmark..";
  private static final String STOCK_FLINK = "dev.crossencoder.stock..";

  /** A module with sources that this test does not have on its class path would be missed. */
  @ArchTest
  static void everyModuleIsSeen(JavaClasses classes) throws IOException {
    Set<Path> seen =
        classes.stream().map(ProjectArchitectureTest::moduleFolder).collect(Collectors.toSet());

    assertThat(modulesWithSources())
        .isNotEmpty()
        .allSatisfy(
            module ->
                assertThat(seen)
                    .as("%s must be a dependency of this module", module)
                    .contains(ROOT.resolve(module).toRealPath()));
  }

  @ArchTest
  static final ArchRule MODULES_DEPEND_DOWNWARDS_ONLY =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .ensureAllClassesAreContainedInArchitecture()
          .layer("model-bundle")
          .definedBy(MODEL_BUNDLE)
          .layer("operators")
          .definedBy(OPERATORS)
          .layer("sql")
          .definedBy(SQL)
          .layer("langchain4j")
          .definedBy(LANGCHAIN4J)
          .layer("evaluation")
          .definedBy(EVALUATION)
          .layer("job")
          .definedBy(JOB)
          .layer("cli")
          .definedBy(CLI)
          .layer("embedded-kafka")
          .definedBy(EMBEDDED_KAFKA)
          .layer("session-cluster")
          .definedBy(SESSION_CLUSTER)
          .layer("faults-agent")
          .definedBy(FAULTS_AGENT)
          .layer("faults")
          .definedBy(resideInAPackage(FAULTS).and(resideOutsideOfPackage(FAULTS_AGENT)))
          .layer("benchmarks")
          .definedBy(BENCHMARKS)
          .layer("stock-flink")
          .definedBy(STOCK_FLINK)
          .whereLayer("model-bundle")
          .mayNotAccessAnyLayer()
          .whereLayer("operators")
          .mayOnlyAccessLayers("model-bundle")
          .whereLayer("sql")
          .mayOnlyAccessLayers("model-bundle", "operators")
          .whereLayer("langchain4j")
          .mayOnlyAccessLayers("model-bundle")
          .whereLayer("evaluation")
          .mayOnlyAccessLayers("model-bundle")
          .whereLayer("job")
          .mayOnlyAccessLayers("model-bundle", "operators")
          .whereLayer("cli")
          .mayOnlyAccessLayers(
              "model-bundle", "evaluation", "operators", "sql", "job", "embedded-kafka")
          .whereLayer("embedded-kafka")
          .mayNotAccessAnyLayer()
          .whereLayer("session-cluster")
          .mayNotAccessAnyLayer()
          .whereLayer("faults-agent")
          .mayOnlyAccessLayers("model-bundle")
          .whereLayer("faults")
          .mayOnlyAccessLayers("model-bundle", "embedded-kafka", "session-cluster", "faults-agent")
          .whereLayer("benchmarks")
          .mayOnlyAccessLayers(
              "model-bundle",
              "evaluation",
              "operators",
              "sql",
              "job",
              "embedded-kafka",
              "session-cluster")
          .whereLayer("stock-flink")
          .mayOnlyAccessLayers("model-bundle", "embedded-kafka");

  @ArchTest
  static final ArchRule TENSORS_ARE_KNOWN_TO_THE_LIBRARY_AND_TO_WHAT_MEASURES_OR_BREAKS_IT =
      noClasses()
          .that()
          .resideOutsideOfPackages(MODEL_BUNDLE, FAULTS_AGENT, BENCHMARKS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl..", "ai.onnxruntime..");

  @ArchTest
  static final ArchRule KAFKA_IS_KNOWN_TO_THE_JOB_AND_TO_WHAT_RUNS_IT =
      noClasses()
          .that()
          .resideInAnyPackage(
              MODEL_BUNDLE, OPERATORS, SQL, LANGCHAIN4J, EVALUATION, SESSION_CLUSTER, FAULTS_AGENT)
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                  "org.apache.kafka..", "kafka..", "org.apache.flink.connector.kafka.."));

  @ArchTest
  static final ArchRule BROKERS_ARE_RUN_BY_ONE_MODULE =
      noClasses()
          .that()
          .resideOutsideOfPackage(EMBEDDED_KAFKA)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("kafka..", "org.apache.kafka.server..", "org.apache.kafka.raft..");

  @ArchTest
  static final ArchRule LIBRARY_AND_BROKER_KNOW_NO_FLINK =
      noClasses()
          .that()
          .resideInAnyPackage(
              MODEL_BUNDLE, LANGCHAIN4J, EVALUATION, EMBEDDED_KAFKA, FAULTS_AGENT, STOCK_FLINK)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.flink..");

  /** Modules of the build that have Java sources beside tests. */
  private static List<String> modulesWithSources() throws IOException {
    return Pattern.compile("<module>(.+)</module>")
        .matcher(Files.readString(ROOT.resolve("pom.xml")))
        .results()
        .map((MatchResult match) -> match.group(1))
        .filter(module -> Files.isDirectory(ROOT.resolve(module).resolve("src/main/java")))
        .toList();
  }

  /** The folder that holds the {@code target} from which a class was read. */
  private static Path moduleFolder(JavaClass javaClass) {
    String uri =
        javaClass
            .getSource()
            .orElseThrow(() -> new AssertionError("Read from nowhere: " + javaClass.getName()))
            .getUri()
            .getSchemeSpecificPart();
    return Path.of(uri.substring(0, uri.indexOf("/target/")).replaceFirst("^file:", ""));
  }
}
