package dev.crossencoder.bundle;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** A model is what its own configuration says, never what the catalog says. */
@AnalyzeClasses(
    packages = "dev.crossencoder.bundle",
    importOptions = ImportOption.DoNotIncludeTests.class)
class CatalogArchitectureTest {
  @ArchTest
  static final ArchRule nothingThatLoadsAModelReadsTheCatalog =
      noClasses()
          .that()
          .belongToAnyOf(
              Bundle.class,
              BundleBuilder.class,
              BundleManifest.class,
              CheckpointConfig.class,
              CrossEncoder.class,
              CrossEncoderOptions.class,
              PairEncoder.class)
          .or()
          .areAssignableTo(Architecture.class)
          .or()
          .areAssignableTo(ScoringEngine.class)
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(ModelCatalog.class, CatalogEntry.class, CatalogReader.class);
}
