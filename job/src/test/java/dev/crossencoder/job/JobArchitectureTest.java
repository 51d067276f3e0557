package dev.crossencoder.job;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.crossencoder.job.options.CanaryConfig;
import dev.crossencoder.job.options.DeliveryConfig;
import dev.crossencoder.job.options.InputConfig;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.JobOptions;
import dev.crossencoder.job.options.OutputConfig;
import dev.crossencoder.job.options.ShadowConfig;
import dev.crossencoder.job.options.StartingPosition;
import dev.crossencoder.job.options.StoppingPosition;
import dev.crossencoder.job.options.TimePosition;
import dev.crossencoder.job.options.UpdateConfig;
import dev.crossencoder.job.record.ClassifyFields;
import dev.crossencoder.job.record.DocumentFields;
import dev.crossencoder.job.record.InputFraming;
import dev.crossencoder.job.record.PairFields;
import dev.crossencoder.model.repository.ModelRepository;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;

/**
 * The design's arrows and house rules, as far as byte code shows them. The root package is two
 * rooms: the state at the bottom, and the main classes, the doors, at the top.
 */
@AnalyzeClasses(
    packages = "dev.crossencoder.job",
    importOptions = ImportOption.DoNotIncludeTests.class)
class JobArchitectureTest {
  private static final String ROOT = "dev.crossencoder.job";

  /** What users of the job may call and read. */
  private static final DescribedPredicate<JavaClass> API =
      belongToAnyOf(
          CrossEncoderJob.class,
          DeliveryConfig.class,
          CanaryConfig.class,
          ClassifyFields.class,
          DocumentFields.class,
          InputConfig.class,
          InputFraming.class,
          JobConfig.class,
          JobMain.class,
          JobOptions.class,
          KafkaHeader.class,
          KafkaRecord.class,
          OutputConfig.class,
          PairFields.class,
          ShadowConfig.class,
          StartingPosition.class,
          StoppingPosition.class,
          TimePosition.class,
          UpdateConfig.class);

  private static final DescribedPredicate<JavaClass> STATE =
      belongToAnyOf(KafkaHeader.class, KafkaRecord.class);

  private static final DescribedPredicate<JavaClass> DOORS =
      belongToAnyOf(CrossEncoderJob.class, JobMain.class);

  @ArchTest
  static final ArchRule arrowsBetweenRoomsPointDownwards =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage(ROOT + "..")
          .layer("state")
          .definedBy(STATE)
          .layer("record")
          .definedBy(ROOT + ".record")
          .layer("options")
          .definedBy(ROOT + ".options")
          .layer("change")
          .definedBy(ROOT + ".change")
          .layer("kafka")
          .definedBy(ROOT + ".kafka")
          .layer("topic")
          .definedBy(ROOT + ".kafka.topic")
          .layer("source")
          .definedBy(ROOT + ".kafka.source")
          .layer("sink")
          .definedBy(ROOT + ".kafka.sink")
          .layer("preflight")
          .definedBy(ROOT + ".preflight")
          .layer("shadow")
          .definedBy(ROOT + ".shadow")
          .layer("pipeline")
          .definedBy(ROOT + ".pipeline")
          .layer("doors")
          .definedBy(DOORS)
          .ensureAllClassesAreContainedInArchitectureIgnoring(simpleName("package-info"))
          .whereLayer("state")
          .mayNotAccessAnyLayer()
          .whereLayer("record")
          .mayNotAccessAnyLayer()
          .whereLayer("options")
          .mayOnlyAccessLayers("record")
          .whereLayer("kafka")
          .mayNotAccessAnyLayer()
          .whereLayer("topic")
          .mayOnlyAccessLayers("state", "record", "options")
          .whereLayer("change")
          .mayOnlyAccessLayers("options", "kafka")
          .whereLayer("source")
          .mayOnlyAccessLayers("state", "options", "kafka", "change")
          .whereLayer("sink")
          .mayOnlyAccessLayers("state", "options", "kafka")
          .whereLayer("preflight")
          .mayOnlyAccessLayers("record", "options", "topic", "source")
          .whereLayer("shadow")
          .mayOnlyAccessLayers("state", "record", "topic")
          .whereLayer("pipeline")
          .mayOnlyBeAccessedByLayers("doors")
          .whereLayer("doors")
          .mayNotBeAccessedByAnyLayer();

  /** A sealed type names its cases, and each case its type: they are read together. */
  private static final DescribedPredicate<JavaClass> POSITIONS =
      assignableTo(StartingPosition.class).or(assignableTo(StoppingPosition.class));

  /** Also inside a room: each class can be read after those that it uses. */
  @ArchTest
  static final ArchRule classesHaveNoCircles =
      slices().assignedFrom(topLevelClasses()).should().beFreeOfCycles();

  private static SliceAssignment topLevelClasses() {
    return new SliceAssignment() {
      @Override
      public SliceIdentifier getIdentifierOf(JavaClass type) {
        if (POSITIONS.test(type)) {
          return SliceIdentifier.of("positions");
        }
        return type.getPackageName().startsWith(ROOT)
            ? SliceIdentifier.of(type.getName().replaceFirst("\\$.*", ""))
            : SliceIdentifier.ignore();
      }

      @Override
      public String getDescription() {
        return "top-level classes";
      }
    };
  }

  @ArchTest
  static final ArchRule recordsNeedNeitherFlinkNorKafka =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".record")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("org.apache.flink..", "org.apache.kafka..")
                  .and(not(resideInAPackage("org.apache.flink.annotation"))));

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

  @ArchTest
  static final ArchRule whatElseIsPublicIsForOtherRooms =
      classes()
          .that()
          .arePublic()
          .and()
          .areTopLevelClasses()
          .and(not(API))
          .should()
          .beAnnotatedWith(Internal.class);

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
