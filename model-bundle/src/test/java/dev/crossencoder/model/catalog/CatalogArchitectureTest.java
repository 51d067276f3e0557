package dev.crossencoder.model.catalog;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.compiler.architecture.Architecture;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.engine.ScoringEngine;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.tokenizer.PairEncoder;

/** A model is what its own configuration says, never what the catalog says. */
@AnalyzeClasses(
    packages = "dev.crossencoder.model",
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
