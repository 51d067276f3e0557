package dev.crossencoder.cli;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;

/** The packages of the command line depend in one direction. */
@AnalyzeClasses(
    packages = "dev.crossencoder.cli",
    importOptions = ImportOption.DoNotIncludeTests.class)
class CliArchitectureTest {
  private static final String CLI = "dev.crossencoder.cli";

  @ArchTest
  static final ArchRule PACKAGES_DEPEND_IN_ONE_DIRECTION =
      Architectures.layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage(CLI + "..")
          .layer("command line")
          .definedBy(CLI)
          .layer("commands")
          .definedBy(
              CLI + ".demo",
              CLI + ".score",
              CLI + ".rank",
              CLI + ".classify",
              CLI + ".parity",
              CLI + ".evaluate",
              CLI + ".catalog",
              CLI + ".sql")
          .layer("shared")
          .definedBy(CLI + ".command", CLI + ".document", CLI + ".local", CLI + ".page")
          .whereLayer("command line")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("commands")
          .mayOnlyBeAccessedByLayers("command line")
          .whereLayer("shared")
          .mayOnlyBeAccessedByLayers("command line", "commands");

  @ArchTest
  static final ArchRule COMMANDS_DO_NOT_USE_EACH_OTHER =
      slices()
          .matching(CLI + ".(demo|score|rank|classify|parity|evaluate|catalog|sql)..")
          .should()
          .notDependOnEachOther();
}
