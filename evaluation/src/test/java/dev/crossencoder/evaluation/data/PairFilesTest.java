package dev.crossencoder.evaluation.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairFilesTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          a.jsonl  | {"premise":"a","hypothesis":"b","label":1}\\n\\n{"premise":"c","hypothesis":"d","label":"x"}\\n | a:b=1,c:d=x
          a.json   | [{"text":"a","text_pair":"b","label":0.5}]                      | a:b=0.5
          a.csv    | label,sentence2,sentence1\\nyes,b,"a ""x"", y"\\n               | a "x", y:b=yes
          a.tsv    | index\\tquestion\\tsentence\\tlabel\\n0\\t"a\\tb "x\\tyes\\n    | "a:b "x=yes
          a.txt    | question1\\tquestion2\\tis_duplicate\\na\\tb\\t1\\n            | a:b=1
          """)
  void eachFormatIsRead(String name, String content, String expected) throws IOException {
    List<LabelledPair> pairs = read(name, content, PairColumns.USUAL);

    assertThat(
            pairs.stream()
                .map(pair -> pair.pair().text() + ":" + pair.pair().textPair() + "=" + pair.label())
                .toList())
        .isEqualTo(List.of(expected.split(",(?=c:)")));
  }

  @Test
  void columnsWithoutNamesHaveNumbers() throws IOException {
    PairColumns columns =
        new PairColumns(
            Optional.of("6"), Optional.of("7"), Optional.of("5"), Optional.empty(), false);

    assertThat(read("sts.tsv", "a\\tb\\tc\\td\\t2.5\\tone\\ttwo\\tmore\\n", columns))
        .containsExactly(new LabelledPair(new TextPair("one", "two"), "2.5", null));
    Path misnamed = Files.writeString(folder.resolve("sts.csv"), "1\t2\t3\t4\t5\ta, \"\tb\n");
    assertThat(PairFiles.read(misnamed, PairFormat.TSV, columns))
        .containsExactly(new LabelledPair(new TextPair("a, \"", "b"), "5", null));
  }

  @Test
  void resultsAreReadWithoutTexts() throws IOException {
    PairColumns columns =
        new PairColumns(
            Optional.empty(),
            Optional.empty(),
            Optional.of("/gold"),
            Optional.of("/cross_encoder/score"),
            true);

    assertThat(read("a.jsonl", "{\"gold\":true,\"cross_encoder\":{\"score\":0.5}}", columns))
        .containsExactly(new LabelledPair(null, "true", "0.5"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          a.jsonl | {"a":"x","b":"y","label":1}             | Cannot find the two texts in FILE, which has the members a, b, label. Name them with --text and --text-pair.
          a.csv   | text,text_pair,class\\na,b,1\\n         | Cannot find the label in FILE, which has the columns text, text_pair, class. Name it with --gold.
          a.csv   | text,text_pair,label\\n                 | Cannot read FILE, it contains no pair.
          a.csv   | text,text_pair,label\\na,b,\\nc,d,1\\ne,f," "\\n | Cannot read FILE, 2 pairs are not complete; the first is line 2. A pair has two texts and a label.
          a.csv   | text,text_pair,label\\na,b,1,x\\na,b,1,\\n  | Cannot read FILE, 1 rows have more cells than there are columns; the first is line 2. A separator in a text needs quotes in .csv, and cannot be written in a table with tabs.
          a.csv   | text,text_pair,label,text\\na,b,1,c\\n | Cannot read FILE, it has several columns with the name text. Rename them, or use --no-header with numbers.
          a.tsv   | text\\ttext_pair\\tlabel\\na\\tb\\nc\\td\\t1\\n | Cannot read FILE, 1 pairs are not complete; the first is line 2. A pair has two texts and a label.
          a.jsonl | {"text":"a","text_pair":"b","label":1}{"text":"a","text_pair":"b"} | Cannot read FILE, 1 pairs are not complete; the first is object 2. A pair has two texts and a label.
          """)
  void incompletePairsAreRefusedWithCounts(String name, String content, String message) {
    assertThatThrownBy(() -> read(name, content, PairColumns.USUAL))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(message.replace("FILE", folder.resolve(name).toString()));
  }

  @Test
  void aResultThatIsMissingIsAnIncompletePair() {
    PairColumns columns =
        new PairColumns(
            Optional.empty(), Optional.empty(), Optional.of("gold"), Optional.of("score"), true);

    assertThatThrownBy(() -> read("a.csv", "gold,score\\n1,0.5\\n0,\\n1\\n", columns))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            "Cannot read %s, 2 pairs are not complete; the first is line 3. A pair has a label and a result.",
            folder.resolve("a.csv"));
    assertThatThrownBy(() -> read("a.jsonl", "{\"gold\":1,\"score\":2}", columns))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            "Invalid place in a JSON object: gold. It must be a JSON Pointer, such as /gold.");
  }

  @Test
  void unbalancedQuotesAreRefusedAndAMissingFileIsNamed() {
    assertThatThrownBy(() -> read("a.csv", "text,text_pair,label\\n\"a,b,1\\n", PairColumns.USUAL))
        .isInstanceOf(InvalidDataException.class)
        .hasMessageContaining("its quotes do not fit together");
    assertThatThrownBy(() -> PairFiles.read(folder.resolve("none.csv"), PairColumns.USUAL))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void labelsAreMappedAndUnknownOnesCounted() throws IOException {
    List<LabelledPair> pairs =
        read("a.csv", "text,text_pair,label\\na,b,0\\nc,d,1\\ne,f,-\\ng,h,1\\n", PairColumns.USUAL);

    assertThat(new LabelMap(Map.of("0", "no", "-", "")).apply(pairs))
        .extracting(LabelledPair::label)
        .containsExactly("no", "1", "1");
    assertThatThrownBy(() -> LabelMap.check("m", pairs, List.of("0", "yes")))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            "Cannot evaluate m, 3 of 4 pairs have labels that it does not have: - (1), 1 (2). Its labels are 0, yes. Map labels with --label-map, such as 1=LABEL.");
    assertThatThrownBy(() -> new LabelMap(Map.of("2", "no")).apply(pairs))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("Cannot map the label 2, no pair has it. The labels are - (1), 0 (1), 1 (2).");
    assertThatThrownBy(() -> new LabelMap(Map.of("0", "", "1", "", "-", "")).apply(pairs))
        .hasMessage("Cannot evaluate, all 4 pairs are left out.");
  }

  private List<LabelledPair> read(String name, String content, PairColumns columns)
      throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, content.replace("\\n", "\n").replace("\\t", "\t"));
    return PairFiles.read(file, columns);
  }
}
