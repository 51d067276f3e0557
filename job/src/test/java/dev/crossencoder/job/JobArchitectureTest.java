package dev.crossencoder.job;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.crossencoder.model.repository.ModelRepository;

/** The design's arrows and house rules, as far as byte code shows them. */
@AnalyzeClasses(
    packages = "dev.crossencoder.job",
    importOptions = ImportOption.DoNotIncludeTests.class)
class JobArchitectureTest {
  @ArchTest
  static final ArchRule theJobKnowsNeitherTensorsNorTheEmbeddedBrokerNorTheCommandLine =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "ai.djl..",
              "ai.onnxruntime..",
              "dev.crossencoder.kafka..",
              "dev.crossencoder.cli..",
              "kafka..",
              "org.apache.kafka.server..",
              "org.apache.flink.runtime.minicluster..",
              "org.apache.flink.shaded..",
              "scala..");

  /** A name may lead to another model the second time: results say themselves what scored them. */
  @ArchTest
  static final ArchRule onlyTheOperatorFindsModels =
      noClasses().should().dependOnClassesThat().areAssignableTo(ModelRepository.class);

  @ArchTest
  static final ArchRule noExceptionIsWithoutAKind =
      noClasses()
          .should()
          .callConstructor(RuntimeException.class, Throwable.class)
          .orShould()
          .callConstructor(RuntimeException.class, String.class)
          .orShould()
          .callConstructor(RuntimeException.class, String.class, Throwable.class);
}
