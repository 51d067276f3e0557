package dev.crossencoder.bundle;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.logging.Logger;

/** The design's arrows and house rules, as far as byte code shows them. */
@AnalyzeClasses(
    packages = "dev.crossencoder.bundle",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ModelBundleArchitectureTest {
  @ArchTest
  static final ArchRule theLibraryKnowsNeitherFlinkNorKafkaNorTheCommandLine =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.flink..",
              "org.apache.kafka..",
              "picocli..",
              "info.picocli..",
              "dev.crossencoder.operator..",
              "dev.crossencoder.job..",
              "dev.crossencoder.cli..");

  @ArchTest
  static final ArchRule onlyItsEngineKnowsTensorsOfDjl =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(TorchScriptEngine.class.getName())
          .should()
          .dependOnClassesThat(
              resideInAPackage("ai.djl..").and(resideOutsideOfPackage("ai.djl.huggingface..")));

  @ArchTest
  static final ArchRule onlyItsEngineKnowsOnnxRuntime =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(OnnxEngine.class.getName())
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.onnxruntime..");

  @ArchTest
  static final ArchRule onlyTheTextTokenizerKnowsTheNativeTokeniser =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(TextTokenizer.class.getName())
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl.huggingface..");

  @ArchTest
  static final ArchRule theHubsClientKnowsNothingOfBundles =
      noClasses()
          .that()
          .resideInAPackage("dev.crossencoder.bundle.hub..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.crossencoder.bundle", "ai.djl..");

  @ArchTest
  static final ArchRule onlyTheHubsClientMakesRequests =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.crossencoder.bundle.hub..")
          .should()
          .dependOnClassesThat()
          .haveNameMatching("java\\.net\\.(http\\..*|.*Socket|.*URLConnection|URL)");

  @ArchTest
  static final ArchRule noExceptionIsWithoutAKind =
      noClasses()
          .that()
          .areNotAssignableTo(RuntimeException.class)
          .should()
          .callConstructorWhere(
              target(
                  owner(
                      type(RuntimeException.class)
                          .or(type(Exception.class))
                          .or(type(Error.class)))));

  @ArchTest
  static final ArchRule classesAreFinalAndExceptionsAreTheExceptions =
      classes()
          .that()
          .areNotInterfaces()
          .and()
          .areNotEnums()
          .and()
          .areNotAnonymousClasses()
          .and()
          .areNotAssignableTo(Throwable.class)
          .and()
          .areNotAssignableTo(Activation.class)
          .and()
          .areNotAssignableTo(TensorType.class)
          .should()
          .haveModifier(JavaModifier.FINAL);

  @ArchTest
  static final ArchRule logsGoThroughSlf4j = noFields().should().haveRawType(Logger.class);
}
