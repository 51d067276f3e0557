package dev.crossencoder.langchain4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "dev.crossencoder.langchain4j",
    importOptions = ImportOption.DoNotIncludeTests.class)
class LangChain4jArchitectureTest {
  /** The adapter leans on published API only: nothing internal of LangChain4j, no JSON, no log. */
  @ArchTest
  static final ArchRule onlyThePublicApiOfBothSidesIsUsed =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "dev.crossencoder..",
              "dev.langchain4j.data.segment",
              "dev.langchain4j.model.output",
              "dev.langchain4j.model.scoring");
}
