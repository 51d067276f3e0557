package dev.crossencoder.cli.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The records of the demo: questions with passages of graded relevance, or premises with
 * hypotheses, and some malformed records. The records repeat with new ids if more are requested.
 */
public final class DemoData {
  /** One record in this number is malformed. */
  private static final int MALFORMED_EVERY = 25;

  private static final int FIRST_MALFORMED = 7;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final List<JsonNode> pairs;

  private DemoData(List<JsonNode> pairs) {
    this.pairs = pairs;
  }

  /**
   * Questions with passages: each has {@code question}, {@code grade} (0 to 3) and {@code lang}.
   */
  public static DemoData questions() {
    return new DemoData(read("questions.jsonl"));
  }

  /** Premises with hypotheses: each has {@code pair}, {@code expected} and {@code lang}. */
  public static DemoData premises() {
    return new DemoData(read("premises.jsonl"));
  }

  /** Returns each pair once, without malformed records. */
  public List<DemoRecord> pairs() {
    return IntStream.range(0, pairs.size())
        .mapToObj(i -> new DemoRecord(id(i), json(i, pairs.get(i)), true))
        .toList();
  }

  /** Returns the given number of records, some of them malformed. */
  public List<DemoRecord> records(int count) {
    List<DemoRecord> records = new ArrayList<>(count);
    int next = 0;
    int malformed = 0;
    for (int i = 0; i < count; i++) {
      String id = id(i);
      if (i % MALFORMED_EVERY == FIRST_MALFORMED) {
        records.add(new DemoRecord(id, malformed(malformed++, id), false));
      } else {
        records.add(new DemoRecord(id, json(i, pairs.get(next++ % pairs.size())), true));
      }
    }
    return records;
  }

  /** Returns the malformed records in turn, one for each kind of mistake. */
  private static byte[] malformed(int kind, String id) {
    String start = "{\"id\": \"" + id + "\", ";
    return switch (kind % 8) {
      case 0 -> utf8(start + "\"query\": \"Who cut this off?\", \"passage\": \"It ends in the mid");
      case 1 -> utf8(start + "\"query\": \"Where is the passage?\"}");
      case 2 -> utf8(start + "\"query\": \"Is this a text?\", \"passage\": 42}");
      case 3 -> invalidUtf8(start);
      case 4 -> null;
      case 5 ->
          utf8(
              start
                  + "\"query\": \"Was this scored before?\", \"passage\": \"Yes.\", \"cross_encoder\": {\"score\": 1}}");
      case 6 -> utf8("[\"id\", \"" + id + "\"]");
      default -> utf8("");
    };
  }

  private static byte[] invalidUtf8(String start) {
    byte[] bytes = utf8(start + "\"query\": \"Which encoding?\", \"passage\": \"Latin-1: ?\"}");
    bytes[bytes.length - 3] = (byte) 0xE9;
    return bytes;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String id(int number) {
    return "%06d".formatted(number);
  }

  private static byte[] json(int number, JsonNode pair) {
    ObjectNode record = MAPPER.createObjectNode().put("id", id(number));
    record.setAll((ObjectNode) pair);
    try {
      return MAPPER.writeValueAsBytes(record);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("Cannot write a demo record", e);
    }
  }

  private static List<JsonNode> read(String resource) {
    List<JsonNode> pairs = new ArrayList<>();
    try (InputStream in = DemoData.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("Cannot find resource " + resource);
      }
      MAPPER.readerFor(JsonNode.class).<JsonNode>readValues(in).forEachRemaining(pairs::add);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read resource " + resource, e);
    }
    return pairs;
  }
}
