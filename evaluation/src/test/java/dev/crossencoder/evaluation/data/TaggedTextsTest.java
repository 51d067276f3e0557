package dev.crossencoder.evaluation.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.ranking.Qrels;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaggedTextsTest {
  @TempDir private Path folder;

  private Path write(String content) throws IOException {
    return Files.writeString(folder.resolve("file.txt"), content);
  }

  /** The form of TREC's ad hoc tracks: fields have no end, and there are several roots. */
  @Test
  void topicsInSgmlNeedNoEndsOfFields() throws IOException {
    Path file =
        write(
            """

            <top>
            <num> Number: 301
            <title> International Organized Crime & R&D

            <desc> Description:
            Identify organizations.

            <narr> Narrative:
            A relevant document...
            </top>

            <TOP>
            <head> Tipster Topic Description
            <num> Number:  051
            <dom> Domain: International Economics
            <title> Topic:  Airbus
            Subsidies where p < 0.05
            <desc> Description:
            Document will discuss subsidies.
            </TOP>
            """);

    assertThat(TrecFiles.topics(file))
        .containsExactly(
            Map.entry("301", "International Organized Crime & R&D"),
            Map.entry("51", "Airbus Subsidies where p < 0.05"));
  }

  @Test
  void topicsInXmlHaveTheirNumberAsAnAttribute() throws IOException {
    Path file =
        write(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <topics task="COVIDSearch 2020">
              <topic number="1">
                <query>coronavirus &amp; <b>origin</b></query>
                <question>what is the origin of COVID-19</question>
              </topic>
              <topic number="07"><narrative>n</narrative>A patient of 45 years.</topic>
            </topics>
            """);

    assertThat(TrecFiles.topics(file))
        .containsExactly(
            Map.entry("1", "coronavirus & origin"), Map.entry("07", "A patient of 45 years."));
  }

  @Test
  void documentsHaveTheirTitleUnlessTheTextBeginsWithIt() throws IOException {
    Path file =
        write(
            """
            <DOC>
            <DOCNO> FT911-1 </DOCNO>
            <HEADLINE>FT  14 MAY 91</HEADLINE>
            <TEXT>
            <P>One & two.
            <P>Three.</P>
            </TEXT>
            </DOC>
            <doc>
            <docno>2</docno>
            <title>a wing in a
            slipstream .</title>
            <author>x</author>
            <text>a wing in a slipstream .
            an experimental study.</text>
            </doc>
            <doc id="3"><text></text></doc>
            <doc><docno>4</docno><text>not wanted</text></doc>
            """);

    assertThat(TrecFiles.corpus(file, Set.of("FT911-1", "2", "3")))
        .containsExactly(
            Map.entry("FT911-1", "FT 14 MAY 91 One & two. Three."),
            Map.entry("2", "a wing in a slipstream . an experimental study."),
            Map.entry("3", ""));
  }

  /** Takes a few seconds, and minutes if elements that were read are kept. */
  @Test
  @Timeout(60)
  void theTimeDoesNotGrowWithTheSquareOfTheDocuments() throws IOException {
    int documents = 150_000;
    Path file = folder.resolve("many.trec");
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < documents; i++) {
        out.write("<doc>\n<docno>%d</docno>\n<text>a</text>\n</doc>\n".formatted(i));
      }
    }

    assertThat(TrecFiles.corpus(file, Set.of("0", "149999"))).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          topics | <top><num>1<title>a;<top><num>2<title>b</top> | 1 topics have no end; the first is in line 1. Add what is missing.
          topics | <top>;<num>1<title>if x<y then</top> | 1 topics have no end; the first is in line 1.
          topics | <top><num>1<title>a</top>;<top><title>b</top>;<top><num>3</top> | 2 topics have no number or no text; the first is in line 2.
          topics | <queries><q>a</q></queries>             | it has tags, but no element <top> or <topic>.
          topics | <top><num>1<title>a</top><top><num>1<title>b</top> | 1 of its ids have another text before; the first is 1.
          corpus | <doc><docno>1</docno><text>a</text>;<doc><docno>2</docno><text>b</text></doc> | 1 documents have no </doc> or no </text>; the first is in line 1.
          corpus | <doc><docno>1</docno><text>x<y then</text></doc>; | 1 documents have no </doc> or no </text>; the first is in line 1.
          corpus | <doc><docno>1</docno></doc>;<doc><text>b</text></doc> | 2 documents have no <docno> or no <text>; the first is in line 1.
          corpus | <top><num>1<title>a</top>               | it has tags, but no element <doc>.
          """)
  void incompleteElementsAreRefusedWithTheirLines(String kind, String content, String message)
      throws IOException {
    Path file = write(content.replace(';', '\n') + "\n");

    assertThatThrownBy(
            () -> {
              if (kind.equals("topics")) {
                TrecFiles.topics(file);
              } else {
                TrecFiles.corpus(file, Set.of("1", "2"));
              }
            })
        .isInstanceOf(InvalidDataException.class)
        .hasMessageStartingWith("Cannot read " + file)
        .hasMessageContaining(message);
  }

  @Test
  void otherEncodingsAreRefused() throws IOException {
    Path file = folder.resolve("latin.xml");
    Files.write(
        file, new byte[] {'<', 't', 'o', 'p', '>', (byte) 0xE9, '<', '/', 't', 'o', 'p', '>'});

    assertThatThrownBy(() -> TrecFiles.topics(file))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            "Cannot read %s, it is not in UTF-8. Convert it first, such as with iconv.", file);
  }

  /** The judgements of Cranfield number its 225 topics by their place; their ids go up to 365. */
  @Test
  void judgementsThatNumberTopicsByTheirPlaceAreRefused() throws IOException {
    Path topics =
        write("<top><num>1<title>a</top><top><num>2<title>b</top><top><num>4<title>c</top>");
    Map<String, Map<String, Integer>> grades = new HashMap<>();
    Map<String, String> run = new LinkedHashMap<>();
    for (String query : Set.of("1", "2", "3")) {
      grades.put(query, Map.of("d", 1));
      run.put(query, query + " Q0 d 1 1 x\n");
    }
    RankingData data =
        new RankingData(
            TrecFiles.topics(topics),
            Map.of("d", "text"),
            TrecFiles.run(Files.writeString(folder.resolve("run"), String.join("", run.values()))),
            new Qrels(grades),
            true);

    assertThatThrownBy(() -> Reranking.of(data))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            "Cannot rerank, judgements are for the queries 1 to 3, but the 3 topics have other ids, such as 4. If judgements and run number topics by their place, as those of Cranfield do, add --number-topics.");
    assertThat(TrecFiles.numbered(data.queries()))
        .containsExactly(Map.entry("1", "a"), Map.entry("2", "b"), Map.entry("3", "c"));
  }
}
