package dev.crossencoder.evaluation;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "dev.crossencoder.evaluation",
    importOptions = ImportOption.DoNotIncludeTests.class)
class EvaluationArchitectureTest {
  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching("dev.crossencoder.evaluation.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule FIGURES_KNOW_NO_FILES_AND_NO_MODELS =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.crossencoder.evaluation.ranking",
              "dev.crossencoder.evaluation.labels",
              "dev.crossencoder.evaluation.statistics")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.nio.file..",
              "com.fasterxml..",
              "dev.crossencoder.model..",
              "org.apache.commons..");
}
