package dev.crossencoder.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the modules, seen from the one that depends on all of them. */
@AnalyzeClasses(packages = "dev.crossencoder", importOptions = ImportOption.DoNotIncludeTests.class)
class ProjectArchitectureTest {
  @ArchTest
  static final ArchRule MODULES_HAVE_NO_CYCLES =
      slices().matching("dev.crossencoder.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule NOBODY_KNOWS_THE_COMMAND_LINE =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.crossencoder.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.crossencoder.cli..");

  @ArchTest
  static final ArchRule ONLY_THE_COMMAND_LINE_KNOWS_THE_EMBEDDED_BROKER =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.crossencoder.cli..", "dev.crossencoder.kafka..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.crossencoder.kafka..");

  @ArchTest
  static final ArchRule ONLY_THE_MODEL_BUNDLE_KNOWS_TENSORS =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.crossencoder.model..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl..", "ai.onnxruntime..");

  @ArchTest
  static final ArchRule THE_BROKER_KNOWS_NO_FLINK_AND_NO_MODEL =
      noClasses()
          .that()
          .resideInAPackage("dev.crossencoder.kafka..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.flink..", "dev.crossencoder.model..", "dev.crossencoder.operator..");
}
