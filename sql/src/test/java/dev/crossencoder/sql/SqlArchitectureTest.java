package dev.crossencoder.sql;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.apache.flink.annotation.PublicEvolving;

@AnalyzeClasses(
    packages = "dev.crossencoder.sql",
    importOptions = ImportOption.DoNotIncludeTests.class)
class SqlArchitectureTest {
  /** What Flink calls, and what users may read. */
  private static final DescribedPredicate<JavaClass> PUBLIC =
      belongToAnyOf(
          CrossEncoderModelOptions.class,
          CrossEncoderModelProviderFactory.class,
          CrossEncoderPredictFunction.class);

  @ArchTest
  static final ArchRule onlyWhatFlinkAndUsersNeedIsPublic =
      noClasses().that().areTopLevelClasses().and(not(PUBLIC)).should().bePublic();

  @ArchTest
  static final ArchRule whatUsersMayUseIsListed =
      noClasses()
          .that(not(belongToAnyOf(CrossEncoderModelOptions.class)))
          .should()
          .beAnnotatedWith(PublicEvolving.class);

  @ArchTest
  static final ArchRule neitherTensorsNorJsonNorThePlannerAreKnown =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "ai.djl..",
              "ai.onnxruntime..",
              "com.fasterxml.jackson..",
              "org.apache.flink.shaded..",
              "org.apache.flink.table.planner..",
              "org.apache.flink.table.runtime..");
}
