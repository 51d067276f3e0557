package dev.crossencoder.operator;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.streaming.api.functions.async.ResultFuture;

/** The design's arrows and house rules, as far as byte code shows them. */
@AnalyzeClasses(
    packages = "dev.crossencoder.operator",
    importOptions = ImportOption.DoNotIncludeTests.class)
class OperatorsArchitectureTest {
  /** What users of the operator may call and read. */
  private static final DescribedPredicate<JavaClass> API =
      belongToAnyOf(
          CrossEncoderFunction.class,
          CrossEncoderFunctionOptions.class,
          Failure.class,
          InvalidOptionException.class,
          InvalidRecordException.class,
          PairSelector.class,
          Scored.class);

  @ArchTest
  static final ArchRule operatorsKnowNeitherKafkaNorJsonNorTheCommandLineNorTensors =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.kafka..",
              "org.apache.flink.connector.kafka..",
              "com.fasterxml.jackson..",
              "org.apache.flink.shaded..",
              "picocli..",
              "ai.djl..",
              "ai.onnxruntime..",
              "dev.crossencoder.job..",
              "dev.crossencoder.cli..",
              "dev.crossencoder.kafka..");

  @ArchTest
  static final ArchRule onlyWhatAUserNeedsIsPublic =
      noClasses().that().areTopLevelClasses().and(not(API)).should().bePublic();

  @ArchTest
  static final ArchRule whatUsersMayUseIsListed =
      noClasses().that(not(API)).should().beAnnotatedWith(PublicEvolving.class);

  @ArchTest
  static final ArchRule whatIsListedIsPublicAndMarked =
      classes()
          .that(API)
          .and()
          .areTopLevelClasses()
          .should()
          .bePublic()
          .andShould()
          .beAnnotatedWith(PublicEvolving.class);

  /** It formats the user's record on the calling thread, when the future counts as completed. */
  @ArchTest
  static final ArchRule noRecordIsCompletedExceptionally =
      noClasses().should().callMethod(ResultFuture.class, "completeExceptionally", Throwable.class);

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
