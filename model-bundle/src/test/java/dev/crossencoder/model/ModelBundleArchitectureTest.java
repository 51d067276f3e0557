package dev.crossencoder.model;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.crossencoder.model.compiler.tensor.TensorType;
import dev.crossencoder.model.engine.OnnxEngine;
import dev.crossencoder.model.engine.TorchScriptEngine;
import dev.crossencoder.model.tokenizer.TextTokenizer;
import java.util.logging.Logger;

/** The design's arrows and house rules, as far as byte code shows them. */
@AnalyzeClasses(
    packages = "dev.crossencoder.model",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ModelBundleArchitectureTest {
  private static final String ROOT = "dev.crossencoder.model";

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
  static final ArchRule onlyTheTextTokenizerKnowsTheNativeTokenizer =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(TextTokenizer.class.getName())
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl.huggingface..");

  @ArchTest
  static final ArchRule packagesDependDownwardsOnly =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("model")
          .definedBy(ROOT)
          .layer("io")
          .definedBy(ROOT + ".io")
          .layer("bundle")
          .definedBy(ROOT + ".bundle")
          .layer("tokenizer")
          .definedBy(ROOT + ".tokenizer")
          .layer("classification")
          .definedBy(ROOT + ".classification")
          .layer("engine")
          .definedBy(ROOT + ".engine")
          .layer("scoring")
          .definedBy(ROOT + ".scoring")
          .layer("compiler.tensor")
          .definedBy(ROOT + ".compiler.tensor")
          .layer("compiler.checkpoint")
          .definedBy(ROOT + ".compiler.checkpoint")
          .layer("compiler.tokenizer")
          .definedBy(ROOT + ".compiler.tokenizer")
          .layer("compiler.program")
          .definedBy(ROOT + ".compiler.program")
          .layer("compiler.torchscript")
          .definedBy(ROOT + ".compiler.torchscript")
          .layer("compiler.onnx")
          .definedBy(ROOT + ".compiler.onnx")
          .layer("compiler.architecture")
          .definedBy(ROOT + ".compiler.architecture")
          .layer("compiler")
          .definedBy(ROOT + ".compiler")
          .layer("catalog")
          .definedBy(ROOT + ".catalog")
          .layer("hub")
          .definedBy(ROOT + ".hub")
          .layer("repository")
          .definedBy(ROOT + ".repository")
          .whereLayer("model")
          .mayNotAccessAnyLayer()
          .whereLayer("hub")
          .mayNotAccessAnyLayer()
          .whereLayer("io")
          .mayOnlyAccessLayers("model")
          .whereLayer("bundle")
          .mayOnlyAccessLayers("model", "io")
          .whereLayer("catalog")
          .mayOnlyAccessLayers("model", "io")
          .whereLayer("tokenizer")
          .mayOnlyAccessLayers("model", "io")
          .whereLayer("classification")
          .mayOnlyAccessLayers("model")
          .whereLayer("engine")
          .mayOnlyAccessLayers("model", "io", "bundle")
          .whereLayer("scoring")
          .mayOnlyAccessLayers("model", "io", "bundle", "tokenizer", "classification", "engine")
          .whereLayer("compiler.tensor")
          .mayOnlyAccessLayers("model", "io")
          .whereLayer("compiler.checkpoint")
          .mayOnlyAccessLayers("model", "io", "bundle", "compiler.tensor")
          .whereLayer("compiler.tokenizer")
          .mayOnlyAccessLayers("model", "io", "tokenizer")
          .whereLayer("compiler.program")
          .mayOnlyAccessLayers("compiler.tensor")
          .whereLayer("compiler.torchscript")
          .mayOnlyAccessLayers("model", "compiler.tensor", "compiler.program")
          .whereLayer("compiler.onnx")
          .mayOnlyAccessLayers("model", "io", "bundle", "compiler.tensor", "compiler.program")
          .whereLayer("compiler.architecture")
          .mayOnlyAccessLayers(
              "model",
              "tokenizer",
              "compiler.tensor",
              "compiler.checkpoint",
              "compiler.program",
              "compiler.onnx")
          .whereLayer("compiler")
          .mayOnlyBeAccessedByLayers("repository")
          .whereLayer("scoring")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("repository")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule onlyTheHubsClientMakesRequests =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.crossencoder.model.hub..")
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

  @ArchTest
  static final ArchRule packagesFormNoCircle =
      slices().matching(ROOT + ".(**)").should().beFreeOfCycles();

  /** What users may rely on: a type of this library in a signature of one is one too. */
  @ArchTest
  static final ArchRule whatUsersMayRelyOnNeedsNothingElse =
      methods()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat(ApiTypes.ARE_API)
          .should()
          .haveRawReturnType(ApiTypes.FIT_FOR_API)
          .andShould()
          .haveRawParameterTypes(ApiTypes.ALL_FIT_FOR_API);
}
