package dev.crossencoder.operator;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.crossencoder.operator.change.FileSystemModels;
import dev.crossencoder.operator.change.LiveModels;
import dev.crossencoder.operator.change.ModelRevision;
import dev.crossencoder.operator.change.ModelTag;
import dev.crossencoder.operator.change.ModelWatcher;
import dev.crossencoder.operator.change.WatchedModel;
import org.apache.flink.annotation.Internal;
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
          Classified.class,
          ClassifyRequest.class,
          ClassifySelector.class,
          CrossEncoderFunction.class,
          CrossEncoderFunctionOptions.class,
          Failure.class,
          InvalidOptionException.class,
          InvalidRecordException.class,
          PairSelector.class,
          RankRequest.class,
          RankSelector.class,
          Ranked.class,
          RankedDocument.class,
          RefusedDocument.class,
          RouteSelector.class,
          Scored.class,
          Stage.class);

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

  /** A record in flight, its pairs, and the operator's lane in which they wait: one structure. */
  private static final DescribedPredicate<JavaClass> IN_FLIGHT =
      belongToAnyOf(Lane.class, PendingPair.class, PendingRecord.class);

  /** Each class can be read after those that it uses. */
  @ArchTest
  static final ArchRule classesHaveNoCircles =
      slices().assignedFrom(topLevelClasses()).should().beFreeOfCycles();

  private static SliceAssignment topLevelClasses() {
    return new SliceAssignment() {
      @Override
      public SliceIdentifier getIdentifierOf(JavaClass type) {
        if (IN_FLIGHT.test(type)) {
          return SliceIdentifier.of("in flight");
        }
        return type.getPackageName().startsWith("dev.crossencoder.operator")
            ? SliceIdentifier.of(type.getName().replaceFirst("\\$.*", ""))
            : SliceIdentifier.ignore();
      }

      @Override
      public String getDescription() {
        return "top-level classes";
      }
    };
  }

  /** What the other modules of this project use. */
  private static final DescribedPredicate<JavaClass> FOR_OTHER_MODULES =
      belongToAnyOf(
          ClassifyConfig.class,
          OutcomeListener.class,
          PairOutcome.class,
          PairScorer.class,
          RecordShape.class,
          LabelThresholds.class,
          ModelOptions.class,
          RecordShapes.class,
          Routing.class,
          ScoreReference.class,
          TagSelector.class,
          TaskEnvironment.class,
          FileSystemModels.class,
          LiveModels.class,
          LiveModels.Task.class,
          ModelRevision.class,
          ModelTag.class,
          ModelWatcher.class,
          WatchedModel.class);

  @ArchTest
  static final ArchRule onlyWhatOthersNeedIsPublic =
      noClasses()
          .that()
          .areTopLevelClasses()
          .and(not(API.or(FOR_OTHER_MODULES)))
          .should()
          .bePublic();

  @ArchTest
  static final ArchRule whatOnlyOtherModulesUseIsInternal =
      classes()
          .that(FOR_OTHER_MODULES)
          .and()
          .areTopLevelClasses()
          .should()
          .beAnnotatedWith(Internal.class);

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
