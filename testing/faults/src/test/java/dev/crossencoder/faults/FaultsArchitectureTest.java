package dev.crossencoder.faults;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What breaks the job knows it from outside only. */
@AnalyzeClasses(packages = "dev.crossencoder", importOptions = ImportOption.DoNotIncludeTests.class)
class FaultsArchitectureTest {
  @ArchTest
  static final ArchRule NOBODY_KNOWS_THE_FAULTS =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.crossencoder.faults..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.crossencoder.faults..");

  @ArchTest
  static final ArchRule EXPERIMENTS_CALL_NEITHER_JOB_NOR_OPERATOR_NOR_ENGINES =
      noClasses()
          .that()
          .resideInAPackage("dev.crossencoder.faults")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.crossencoder.job..",
              "dev.crossencoder.operator..",
              "ai.djl..",
              "ai.onnxruntime..");

  @ArchTest
  static final ArchRule THE_CLUSTER_KNOWS_NO_KAFKA_AND_NO_MODEL =
      noClasses()
          .that()
          .resideInAPackage("dev.crossencoder.cluster..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.kafka..",
              "dev.crossencoder.kafka..",
              "dev.crossencoder.model..",
              "dev.crossencoder.operator..",
              "dev.crossencoder.job..");
}
