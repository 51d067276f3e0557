package dev.crossencoder.cli.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class StatementReaderTest {
  @Test
  void aStatementEndsAtASemicolon() throws IOException {
    assertThat(read("SHOW TABLES; SHOW MODELS;\nSELECT\n  1;\n"))
        .containsExactly("SHOW TABLES", "SHOW MODELS", "SELECT\n  1");
  }

  @Test
  void theLastStatementNeedsNoSemicolon() throws IOException {
    assertThat(read("SHOW TABLES;\nSHOW MODELS")).containsExactly("SHOW TABLES", "SHOW MODELS");
  }

  @Test
  void aSemicolonInQuotesDoesNotEndAStatement() throws IOException {
    assertThat(read("SELECT 'it''s; here', `a;b`;SELECT 2"))
        .containsExactly("SELECT 'it''s; here', `a;b`", "SELECT 2");
  }

  @Test
  void aSemicolonOrAQuoteInACommentMeansNothing() throws IOException {
    assertThat(read("SELECT 1 -- it's one; really\n, 2 /* no; 'end */;\nSELECT 3"))
        .containsExactly("SELECT 1 -- it's one; really\n, 2 /* no; 'end */", "SELECT 3");
  }

  @Test
  void textThatSpansLinesMayContainAnything() throws IOException {
    assertThat(read("SELECT 'first\n; second -- ';\nSELECT 2;"))
        .containsExactly("SELECT 'first\n; second -- '", "SELECT 2");
  }

  @Test
  void nothingIsReadFromCommentsAndEmptyStatements() throws IOException {
    assertThat(read("-- a comment;\n;;\n/* another; */ ;\n  \n-- the last")).isEmpty();
  }

  @Test
  void aBeginningGoesOnToTheNextSemicolon() throws IOException {
    StatementReader reader =
        new StatementReader(
            lines("BEGIN a; b; END;\nSELECT 1;"),
            text -> !text.contains("BEGIN") || text.contains("END"));

    assertThat(reader.next()).contains("BEGIN a; b; END");
    assertThat(reader.next()).contains("SELECT 1");
    assertThat(reader.next()).isEmpty();
  }

  @Test
  void theLineOfAStatementIsThatOfItsFirstCharacter() throws IOException {
    StatementReader reader = new StatementReader(lines("\nSELECT\n1;\n\nSELECT 2"), text -> true);

    assertThat(reader.next()).isPresent();
    assertThat(reader.line()).isEqualTo(2);
    assertThat(reader.next()).isPresent();
    assertThat(reader.line()).isEqualTo(5);
  }

  @Test
  void aTextWithoutALastSemicolonIsUnfinished() throws IOException {
    for (String text : List.of("SELECT 1; -- the end", "SELECT 1", "SELECT 1; SELECT")) {
      StatementReader reader = StatementReader.of(text, complete -> true);
      while (reader.next().isPresent()) {
        assertThat(text).isNotBlank();
      }
      assertThat(reader.isUnfinished()).as(text).isEqualTo(!text.contains("end"));
    }
  }

  @Test
  @Timeout(10)
  void aStatementIsThereBeforeTheNextLineIs() throws IOException {
    try (PipedWriter writer = new PipedWriter();
        BufferedReader lines = new BufferedReader(new PipedReader(writer))) {
      StatementReader reader = new StatementReader(lines, text -> true);
      writer.write("SELECT 1;\n");
      writer.flush();

      assertThat(reader.next()).contains("SELECT 1");
    }
  }

  private static List<String> read(String text) throws IOException {
    StatementReader reader = new StatementReader(lines(text), complete -> true);
    List<String> statements = new ArrayList<>();
    for (Optional<String> next = reader.next(); next.isPresent(); next = reader.next()) {
      statements.add(next.get());
    }
    return statements;
  }

  private static BufferedReader lines(String text) {
    return new BufferedReader(new StringReader(text));
  }
}
