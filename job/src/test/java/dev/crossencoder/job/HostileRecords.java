package dev.crossencoder.job;

import static dev.crossencoder.job.TestTopics.bytes;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Makes values that a program other than ours might put on a topic: JSON objects that are odd in
 * every way that JSON allows, and others that are broken. The same seed gives the same values.
 */
public final class HostileRecords {
  private static final String[] NAMES = {
    "query", "passage", "premise", "hypothesis", "cross_encoder", "cross_encoder2", "", "a.b", "/"
  };
  private static final String[] NUMBERS = {
    "0", "-0", "1e999999", "-1.5E-4000", "12345678901234567890123456789", "0.1000", "1.0E+2"
  };
  private static final String[] BROKEN = {
    "",
    " ",
    "null",
    "\"query\"",
    "[]",
    "{",
    "{]",
    "{\"query\"}",
    "{'query':1}",
    "{\"a\":01}",
    "{\"a\":NaN}",
    "{\"a\":1,}",
    "{} {}",
    "// {}",
    "\u0000{}",
    "{\"a\":\"\u0000\"}",
    "{\"a\":\"\\x\"}"
  };

  private final Random random;

  public HostileRecords(long seed) {
    this.random = new Random(seed);
  }

  /** Returns the next value: about half of them are JSON objects. */
  public byte[] next() {
    return switch (random.nextInt(10)) {
      case 0 -> randomBytes();
      case 1 -> cut(object());
      case 2 -> changed(object());
      case 3 -> bytes(BROKEN[random.nextInt(BROKEN.length)]);
      case 4 -> unfinishedNesting();
      default -> object();
    };
  }

  /** Returns the next value that is a JSON object, most of them with two texts. */
  public byte[] object() {
    List<String> members = new ArrayList<>();
    boolean pair = random.nextInt(8) > 0;
    if (pair) {
      boolean query = random.nextBoolean();
      members.add(member(query ? "query" : "premise", string()));
      members.add(member(query ? "passage" : "hypothesis", string()));
    }
    int more = random.nextInt(5);
    for (int i = 0; i < more; i++) {
      members.add(member(name(), value(2)));
    }
    Collections.shuffle(members, random);
    String object = space() + "{" + space() + String.join(space() + "," + space(), members);
    byte[] json = bytes(object + space() + "}" + space());
    return random.nextInt(10) == 0 ? afterByteOrderMark(json) : json;
  }

  static byte[] afterByteOrderMark(byte[] json) {
    byte[] marked = new byte[json.length + 3];
    marked[0] = (byte) 0xEF;
    marked[1] = (byte) 0xBB;
    marked[2] = (byte) 0xBF;
    System.arraycopy(json, 0, marked, 3, json.length);
    return marked;
  }

  private String member(String name, String value) {
    return quoted(name) + space() + ":" + space() + value;
  }

  private String name() {
    return switch (random.nextInt(6)) {
      case 0 -> text();
      case 1 -> "n".repeat(random.nextInt(3000));
      default -> NAMES[random.nextInt(NAMES.length)];
    };
  }

  private String value(int depth) {
    int kind = random.nextInt(depth > 0 ? 9 : 6);
    return switch (kind) {
      case 0 -> NUMBERS[random.nextInt(NUMBERS.length)];
      case 1 -> "9".repeat(1 + random.nextInt(2000));
      case 2 -> "true";
      case 3 -> "null";
      case 4, 5 -> string();
      case 6 -> "[" + value(depth - 1) + space() + "," + value(depth - 1) + "]";
      case 7 -> "{" + member(name(), value(depth - 1)) + "," + member(name(), value(0)) + "}";
      default -> nested(random.nextInt(20) == 0 ? 6000 : 20);
    };
  }

  private static String nested(int depth) {
    return "[{\"\":".repeat(depth / 2) + "[]" + "}]".repeat(depth / 2);
  }

  private byte[] unfinishedNesting() {
    String opening = random.nextBoolean() ? "[" : "{\"a\":";
    return bytes("{\"query\":" + opening.repeat(1 + random.nextInt(8000)));
  }

  private String string() {
    return quoted(text());
  }

  /** Text of all planes; some surrogates have no partner. */
  private String text() {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(4) == 0 ? 0 : random.nextInt(30);
    for (int i = 0; i < length; i++) {
      switch (random.nextInt(8)) {
        case 0 -> text.append((char) random.nextInt(0x20));
        case 1 -> text.append((char) (0xD800 + random.nextInt(0x800)));
        case 2 -> text.appendCodePoint(0x1F300 + random.nextInt(0x300));
        case 3 -> text.appendCodePoint(random.nextInt(0x110000));
        case 4 -> text.append(' ');
        case 5 -> text.append("\"\\/".charAt(random.nextInt(3)));
        default -> text.append((char) ('a' + random.nextInt(26)));
      }
    }
    return text.toString();
  }

  /** The text as JSON; what need not be escaped sometimes is. */
  private String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    boolean escapeAll = random.nextInt(6) == 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean rawPair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (rawPair && !escapeAll) {
        json.append(c).append(text.charAt(++i));
      } else if (escapeAll || c < 0x20 || c == '"' || c == '\\' || Character.isSurrogate(c)) {
        json.append("\\u%04x".formatted((int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }

  private String space() {
    return random.nextInt(3) > 0 ? "" : " \t\r\n".substring(random.nextInt(4));
  }

  private byte[] randomBytes() {
    byte[] value = new byte[random.nextInt(200)];
    random.nextBytes(value);
    return value;
  }

  private byte[] cut(byte[] json) {
    return Arrays.copyOf(json, random.nextInt(json.length));
  }

  private byte[] changed(byte[] json) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int at = random.nextInt(json.length);
    out.write(json, 0, at);
    if (random.nextBoolean()) {
      out.write(random.nextInt(256));
    }
    int rest = at + random.nextInt(2);
    out.write(json, rest, json.length - rest);
    return out.toByteArray();
  }
}
