package dev.crossencoder.cli.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CatalogPageTest {
  private static final Path PAGE = Path.of("..", "docs", "catalog.md");

  @Test
  void thePageIsUpToDate() throws IOException {
    if (System.getProperty("catalog-page.write") != null) {
      Files.writeString(PAGE, CatalogPage.text());
    }
    assertThat(Files.readString(PAGE))
        .as("docs/catalog.md is generated: its first lines say how to regenerate it")
        .isEqualTo(CatalogPage.text());
  }
}
