package dev.crossencoder.evaluation.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.ranking.Qrels;
import dev.crossencoder.evaluation.ranking.RankedDocument;
import dev.crossencoder.evaluation.ranking.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the files of TREC, and those of MS MARCO and BEIR that hold the same. */
public final class TrecFiles {
  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final Pattern TAB = Pattern.compile("\t");
  private static final Pattern RANK = Pattern.compile("[1-9][0-9]{0,6}");
  private static final int RUN_COLUMNS = 6;
  private static final int SHORT_COLUMNS = 3;
  private static final int QRELS_COLUMNS = 4;
  private static final List<String> ID_NAMES = List.of("_id", "id", "docid", "doc_id");
  private static final List<String> TEXT_NAMES =
      List.of("text", "contents", "content", "passage", "body");

  private TrecFiles() {}

  /**
   * Reads queries: on each line an id, a tab or a blank, and the text; JSON Lines as in {@link
   * #corpus}; or topics with tags: {@code <top>} with {@code <num>} and {@code <title>}, or {@code
   * <topic number="1">} with {@code <query>}. They need not be well-formed XML.
   *
   * @return texts by id, in the order of the file
   * @throws InvalidDataException if the file is empty, a query has no id or text, or an id has two
   *     texts
   */
  public static Map<String, String> topics(Path path) throws IOException {
    TextFile file = new TextFile(path);
    Texts texts = new Texts(file, "query", id -> true);
    if (file.isTagged()) {
      TaggedTexts.topics(file, texts);
    } else {
      readTexts(file, BLANKS, texts);
    }
    return texts.complete();
  }

  /**
   * Gives numbers from 1 to queries by their place, instead of their ids. The judgements of
   * Cranfield number queries so.
   *
   * @param topics of {@link #topics}
   */
  public static Map<String, String> numbered(Map<String, String> topics) {
    Map<String, String> numbered = new LinkedHashMap<>();
    topics.values().forEach(text -> numbered.put(String.valueOf(numbered.size() + 1), text));
    return numbered;
  }

  /**
   * Reads documents: JSON Lines with an id ({@code _id}, {@code id} or {@code docid}), a text
   * ({@code text}, {@code contents}, {@code content}, {@code passage} or {@code body}) and perhaps
   * a {@code title}, which is put before the text with a space, as BEIR does; lines with an id, a
   * tab and the text; or documents with tags: {@code <doc>} with {@code <docno>}, {@code <text>}
   * and perhaps {@code <title>}, which is put before the text unless the text begins with it.
   *
   * @param wanted the ids of the documents to keep in memory
   * @return texts by id
   * @throws InvalidDataException if the file is empty, a document has no id or text, or an id has
   *     two texts
   */
  public static Map<String, String> corpus(Path path, Set<String> wanted) throws IOException {
    TextFile file = new TextFile(path);
    Texts texts = new Texts(file, "document", wanted::contains);
    if (file.isTagged()) {
      TaggedTexts.documents(file, texts);
    } else {
      readTexts(file, TAB, texts);
    }
    return texts.complete();
  }

  private static void readTexts(TextFile file, Pattern separator, Texts texts) throws IOException {
    if (file.extension().startsWith("json")) {
      readObjects(file, texts);
    } else {
      readLines(file, separator, texts);
    }
  }

  private static void readLines(TextFile file, Pattern separator, Texts texts) throws IOException {
    Problems incomplete =
        new Problems(
            "%,d lines have no id followed by a text", "Put a tab between the id and the text.");
    file.lines(
        line -> {
          String[] parts = separator.split(line.text().strip(), 2);
          if (parts.length < 2) {
            incomplete.add("line " + line.number());
          } else {
            texts.add(parts[0].strip(), parts[1].strip());
          }
        });
    incomplete.throwIfAny(file);
  }

  private static void readObjects(TextFile file, Texts texts) throws IOException {
    Problems incomplete =
        new Problems(
            "%,d objects have no id or no text",
            "An id is a member %s, a text a member %s."
                .formatted(String.join(" or ", ID_NAMES), String.join(" or ", TEXT_NAMES)));
    file.json(
        object -> {
          String id = first(object, ID_NAMES);
          String text = first(object, TEXT_NAMES);
          if (id == null || text == null) {
            incomplete.add(id == null ? "one without an id" : "that with the id " + id);
          } else {
            texts.add(id, (object.path("title").asText("") + " " + text).strip());
          }
        });
    incomplete.throwIfAny(file);
  }

  private static String first(JsonNode object, List<String> names) {
    return names.stream()
        .map(object::path)
        .filter(value -> value.isValueNode() && !value.isNull())
        .map(JsonNode::asText)
        .findFirst()
        .orElse(null);
  }

  /**
   * Reads a run: on each line the id of a query, {@code Q0}, the id of a document, its rank, its
   * score and a name, separated by blanks; or, as MS MARCO's, the ids and the rank only. The rank
   * of the long form is not read, as in trec_eval.
   *
   * @throws InvalidDataException if the file is empty, a line has another form, a document is
   *     listed twice for a query, or a score is NaN
   */
  public static Run run(Path path) throws IOException {
    TextFile file = new TextFile(path);
    Problems malformed =
        new Problems(
            "%,d lines are not 'query Q0 document rank score name' nor 'query document rank'",
            "Correct or remove them. A rank is a whole number from 1; a score needs the six columns.");
    Problems repeated =
        new Problems(
            "%,d lines repeat a document of the same query",
            "Remove them: a document has one rank.");
    Map<String, List<RankedDocument>> rankings = new LinkedHashMap<>();
    Set<List<String>> seen = new HashSet<>();
    file.lines(
        line -> {
          String[] columns = BLANKS.split(line.text().strip(), -1);
          boolean shortForm = columns.length == SHORT_COLUMNS;
          Float number =
              shortForm
                  ? rank(columns[2])
                  : columns.length == RUN_COLUMNS ? number(columns[RUN_COLUMNS - 2]) : null;
          if (number == null) {
            malformed.add("line " + line.number());
            return;
          }
          String document = columns[shortForm ? 1 : 2];
          if (!seen.add(List.of(columns[0], document))) {
            repeated.add(
                "line %d (query %s, document %s)".formatted(line.number(), columns[0], document));
          }
          rankings
              .computeIfAbsent(columns[0], query -> new ArrayList<>())
              .add(new RankedDocument(document, shortForm ? -number : number));
        });
    malformed.throwIfAny(file);
    repeated.throwIfAny(file);
    if (rankings.isEmpty()) {
      throw file.empty("ranked document");
    }
    return new Run(rankings);
  }

  /** A score in the place of a rank would order the run the other way round. */
  private static Float rank(String text) {
    return RANK.matcher(text).matches() ? Float.valueOf(text) : null;
  }

  private static Float number(String text) {
    try {
      return Float.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /**
   * Reads judgements: on each line the id of a query, a number that is not read, the id of a
   * document and its grade, separated by blanks; or, as BEIR's, without the number and with a line
   * of names first.
   *
   * @throws InvalidDataException if the file is empty, a line has another form, or a document has
   *     two grades for a query
   */
  public static Qrels qrels(Path path) throws IOException {
    TextFile file = new TextFile(path);
    Problems malformed =
        new Problems(
            "%,d lines are not 'query 0 document grade' nor 'query document grade'",
            "Correct or remove them.");
    Problems contradicting =
        new Problems("%,d lines give another grade to a document that has one", "Remove them.");
    Map<String, Map<String, Integer>> grades = new LinkedHashMap<>();
    file.lines(
        line -> {
          String[] columns = BLANKS.split(line.text().strip(), -1);
          if (line.number() == 1 && columns[0].equals("query-id")) {
            return;
          }
          boolean shortForm = columns.length == SHORT_COLUMNS;
          Integer grade =
              shortForm || columns.length == QRELS_COLUMNS
                  ? grade(columns[columns.length - 1])
                  : null;
          if (grade == null) {
            malformed.add("line " + line.number());
            return;
          }
          Integer before =
              grades
                  .computeIfAbsent(columns[0], query -> new LinkedHashMap<>())
                  .putIfAbsent(columns[columns.length - 2], grade);
          if (before != null && !before.equals(grade)) {
            contradicting.add("line " + line.number());
          }
        });
    malformed.throwIfAny(file);
    contradicting.throwIfAny(file);
    if (grades.isEmpty()) {
      throw file.empty("judgement");
    }
    return new Qrels(grades);
  }

  private static Integer grade(String text) {
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
