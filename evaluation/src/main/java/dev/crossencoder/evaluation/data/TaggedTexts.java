package dev.crossencoder.evaluation.data;

import dev.crossencoder.evaluation.InvalidDataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jsoup.nodes.Element;
import org.jsoup.parser.ParseSettings;
import org.jsoup.parser.Parser;
import org.jsoup.parser.StreamParser;

/**
 * Reads queries and documents with tags, as TREC writes them. They need not be well-formed XML:
 * there may be several roots, an {@code &} that is no entity, tags in any case, and the fields of a
 * topic may have no end.
 */
final class TaggedTexts {
  private static final String TOPICS = "top, topic";
  private static final String DOCUMENTS = "doc";
  private static final List<String> TOPIC_IDS = List.of("num", "number");
  private static final List<String> TOPIC_TEXTS = List.of("title", "query");

  /** The fields of topics. Where they have no end, they are nested. */
  private static final String FIELDS =
      "num, number, title, query, question, desc, description, narr, narrative, subtopic,"
          + " querytime, querytweettime, head, dom, smry, con, fac, nat, def";

  private static final Pattern NUMBER = Pattern.compile("(?i)number\\s*:\\s*0*");
  private static final Pattern TOPIC = Pattern.compile("(?i)topic\\s*:\\s*");

  private TaggedTexts() {}

  /**
   * Reads topics: {@code <top>} with {@code <num>} and {@code <title>}, or {@code <topic
   * number="1">} with {@code <query>}, {@code <title>} or the text itself. The words "Number:" and
   * "Topic:" before them, and zeros after the former, are left out.
   */
  static void topics(TextFile file, Texts texts) throws IOException {
    Problems incomplete =
        new Problems(
            "%,d topics have no number or no text",
            "A number is an element <num> or an attribute number, a text an element <title> or <query>.");
    Problems open =
        new Problems(
            "%,d topics have no end",
            "Add what is missing. A < before a letter begins a tag, unless it is written as &lt;.");
    int found =
        elements(
            file,
            TOPICS,
            topic -> {
              String where = line(topic);
              if (topic.endSourceRange().isImplicit()) {
                open.add(where);
                return;
              }
              Optional<String> id =
                  first(topic, TOPIC_IDS)
                      .or(() -> attribute(topic, "number"))
                      .or(() -> attribute(topic, "id"))
                      .map(text -> withoutPrefix(NUMBER, text))
                      .filter(text -> !text.isBlank());
              Optional<String> text =
                  first(topic, TOPIC_TEXTS)
                      .or(() -> Optional.of(ownText(topic)).filter(own -> !own.isBlank()))
                      .map(title -> withoutPrefix(TOPIC, title));
              if (id.isEmpty() || text.isEmpty()) {
                incomplete.add(where);
              } else {
                texts.add(id.get(), text.get());
              }
            });
    open.throwIfAny(file);
    incomplete.throwIfAny(file);
    requireAny(file, found, "<top> or <topic>");
  }

  /**
   * Reads documents: {@code <doc>} with {@code <docno>} or an attribute {@code id}, {@code <text>}
   * and perhaps {@code <title>} or {@code <headline>}, which is put before the text unless the text
   * begins with it.
   */
  static void documents(TextFile file, Texts texts) throws IOException {
    Problems incomplete =
        new Problems(
            "%,d documents have no <docno> or no <text>", "Add what is missing, or remove them.");
    Problems open =
        new Problems(
            "%,d documents have no </doc> or no </text>",
            "Add what is missing. A < before a letter begins a tag, unless it is written as &lt;.");
    int found =
        elements(
            file,
            DOCUMENTS,
            document -> {
              List<Element> parts = document.select("text");
              String where = line(document);
              if (Stream.concat(Stream.of(document), parts.stream())
                  .anyMatch(element -> element.endSourceRange().isImplicit())) {
                open.add(where);
                return;
              }
              Optional<String> id =
                  first(document, List.of("docno")).or(() -> attribute(document, "id"));
              if (id.isEmpty() || parts.isEmpty()) {
                incomplete.add(where);
                return;
              }
              String title = first(document, List.of("title", "headline")).orElse("");
              String text = parts.stream().map(Element::text).collect(Collectors.joining(" "));
              texts.add(id.get(), text.startsWith(title) ? text : title + " " + text);
            });
    open.throwIfAny(file);
    incomplete.throwIfAny(file);
    requireAny(file, found, "<doc>");
  }

  /** Reads the elements that a selector finds, one at a time, and returns how many there are. */
  private static int elements(TextFile file, String selector, Consumer<Element> consumer)
      throws IOException {
    return file.read(
        reader -> {
          Parser settings =
              Parser.xmlParser().settings(ParseSettings.htmlDefault).setTrackPosition(true);
          int found = 0;
          try (StreamParser parser = new StreamParser(settings).parse(reader, "")) {
            for (Element element = parser.selectNext(selector);
                element != null;
                element = parser.selectNext(selector)) {
              found++;
              consumer.accept(element);
              forget(element);
            }
          } catch (UncheckedIOException e) {
            throw e.getCause();
          }
          return found;
        });
  }

  /**
   * Removes an element with all before it. Otherwise, all would stay in memory, and the line breaks
   * between elements would make the time grow with the square of their number.
   */
  private static void forget(Element element) {
    while (element.previousSibling() != null) {
      element.previousSibling().remove();
    }
    element.remove();
  }

  private static void requireAny(TextFile file, int found, String names) {
    if (found == 0) {
      throw new InvalidDataException(
          "Cannot read %s, it has tags, but no element %s.".formatted(file.path(), names));
    }
  }

  private static String line(Element element) {
    return "in line " + element.sourceRange().start().lineNumber();
  }

  private static Optional<String> first(Element element, List<String> names) {
    return names.stream()
        .flatMap(name -> element.select(name).stream())
        .map(TaggedTexts::ownText)
        .filter(text -> !text.isBlank())
        .findFirst();
  }

  /** Returns the text of an element without that of fields in it. */
  private static String ownText(Element element) {
    Element copy = element.clone();
    copy.children().select(FIELDS).remove();
    return copy.text().strip();
  }

  private static Optional<String> attribute(Element element, String name) {
    return Optional.of(element.attr(name).strip()).filter(value -> !value.isEmpty());
  }

  private static String withoutPrefix(Pattern prefix, String text) {
    return prefix.matcher(text).lookingAt() ? prefix.matcher(text).replaceFirst("") : text;
  }
}
