package dev.crossencoder.faults;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

/** The experiments know the job from outside only, and their packages depend in one direction. */
@AnalyzeClasses(packages = "dev.crossencoder", importOptions = ImportOption.DoNotIncludeTests.class)
class FaultsArchitectureTest {
  private static final String FAULTS = "dev.crossencoder.faults";
  private static final String AGENT = FAULTS + ".agent..";

  private static final DescribedPredicate<JavaClass> EXPERIMENTS =
      JavaClass.Predicates.resideInAPackage(FAULTS + "..")
          .and(JavaClass.Predicates.resideOutsideOfPackage(AGENT))
          .as("classes of the fault experiments");

  @ArchTest
  static final ArchRule NOBODY_KNOWS_THE_FAULTS =
      noClasses()
          .that()
          .resideOutsideOfPackage(FAULTS + "..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(FAULTS + "..");

  @ArchTest
  static final ArchRule EXPERIMENTS_CALL_NEITHER_JOB_NOR_OPERATOR_NOR_ENGINES =
      noClasses()
          .that(EXPERIMENTS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.crossencoder.job..",
              "dev.crossencoder.operator..",
              "ai.djl..",
              "ai.onnxruntime..");

  @ArchTest
  static final ArchRule PACKAGES_DEPEND_IN_ONE_DIRECTION =
      Architectures.layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage(FAULTS + "..")
          .layer("command line")
          .definedBy(FAULTS)
          .layer("experiment")
          .definedBy(FAULTS + ".experiment")
          .layer("report")
          .definedBy(FAULTS + ".report")
          .layer("rig")
          .definedBy(FAULTS + ".rig")
          .layer("records")
          .definedBy(FAULTS + ".records")
          .whereLayer("command line")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("experiment")
          .mayOnlyBeAccessedByLayers("command line")
          .whereLayer("report")
          .mayOnlyBeAccessedByLayers("command line", "experiment")
          .whereLayer("rig")
          .mayOnlyBeAccessedByLayers("command line", "experiment")
          .whereLayer("records")
          .mayOnlyBeAccessedByLayers("command line", "experiment", "report", "rig");

  @ArchTest
  static final ArchRule CLASSES_HAVE_NO_CIRCLES =
      SlicesRuleDefinition.slices()
          .assignedFrom(
              new SliceAssignment() {
                @Override
                public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
                  return EXPERIMENTS.test(javaClass)
                      ? SliceIdentifier.of(javaClass.getFullName().replaceFirst("\\$.*", ""))
                      : SliceIdentifier.ignore();
                }

                @Override
                public String getDescription() {
                  return "top-level classes of the fault experiments";
                }
              })
          .should()
          .beFreeOfCycles();

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
