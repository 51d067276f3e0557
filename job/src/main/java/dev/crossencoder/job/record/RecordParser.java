package dev.crossencoder.job.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.crossencoder.operator.InvalidRecordException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads values of a JSON record and finds the place for a result, in one streaming pass over the
 * bytes. A value that is no JSON object causes an {@link InvalidRecordException}, whose message
 * contains none of the record's text. If a name occurs several times, the last member counts.
 *
 * <p>Owned by one thread.
 */
final class RecordParser {
  /** The largest nesting depth of a record. A parser needs about 50 bytes for each open level. */
  static final int MAX_DEPTH = 1_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          // Records choose the names: they are not interned, nor may they collide on purpose.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          // Results are spliced as UTF-8, so records are UTF-8.
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          // For all else the topic's record size is the limit.
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final List<Target> targets;
  private final JsonPointer[] pointers;
  private final String resultName;
  private final boolean overwrite;
  private final InputFraming framing;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final CharBuffer decoded = CharBuffer.allocate(1 << 12);

  /**
   * A value to read.
   *
   * @param pointer JSON Pointer of the value
   * @param documents where the texts are if the value is an array of documents; null if the value
   *     is a text
   */
  record Target(String pointer, DocumentTexts documents) {
    static Target text(String pointer) {
      return new Target(pointer, null);
    }
  }

  /**
   * What a record has at a pointer.
   *
   * @param token the kind of the value; null if there is none
   * @param text the text, if the value is a string
   * @param documents the documents, if the target is an array of them and the value is an array
   */
  record Found(JsonToken token, String text, Documents documents) {
    private static final Found NOTHING = new Found(null, null, null);

    boolean exists() {
      return token != null;
    }

    boolean isNull() {
      return token == JsonToken.VALUE_NULL;
    }

    /**
     * Returns the text.
     *
     * @throws InvalidRecordException if there is none
     */
    String require(String pointer) throws InvalidRecordException {
      if (token == null) {
        throw new InvalidRecordException(
            FailureCodes.MISSING_FIELD, "The record has no field %s.".formatted(pointer));
      }
      if (text == null) {
        throw new InvalidRecordException(
            FailureCodes.NOT_TEXT,
            "The record's field %s is not a string but %s."
                .formatted(pointer, JsonTokens.kind(token)));
      }
      return text;
    }
  }

  /**
   * A record.
   *
   * @param found what is at each target, in the order of the targets
   * @param place the place for the result
   */
  record Parsed(List<Found> found, ResultPlace place) {}

  /**
   * Creates a parser.
   *
   * @param targets the values to read
   * @param resultName the name of the result's member
   * @param overwrite whether an existing member of that name is replaced
   * @param framing the bytes before the JSON; offsets include them
   */
  RecordParser(List<Target> targets, String resultName, boolean overwrite, InputFraming framing) {
    this.targets = List.copyOf(targets);
    this.resultName = resultName;
    this.overwrite = overwrite;
    this.framing = framing;
    this.pointers =
        targets.stream().map(Target::pointer).map(JsonPointer::compile).toArray(JsonPointer[]::new);
  }

  /**
   * Parses a record.
   *
   * @param value the bytes of the value; null is an invalid record
   */
  Parsed parse(byte[] value) throws InvalidRecordException {
    if (value == null) {
      throw new InvalidRecordException(FailureCodes.NULL_VALUE, "The record's value is null.");
    }
    Frames.check(value, framing);
    int frame = framing.bytes();
    int start = hasByteOrderMark(value, frame) ? frame + BYTE_ORDER_MARK.length : frame;
    checkUtf8(value, start);
    // A factory keeps thousands of names, however long; its copy forgets them with the record.
    try (JsonParser parser = JSON.copy().createParser(value, start, value.length - start)) {
      return new Pass(parser, value, start).parse();
    } catch (StreamConstraintsException e) {
      throw new InvalidRecordException(
          FailureCodes.TOO_DEEP,
          "The record's value is nested %d levels deep; at most %d are allowed."
              .formatted(depth(value, start), MAX_DEPTH));
    } catch (JsonProcessingException e) {
      // The parser's own message quotes the record.
      long offset = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
      throw malformed(
          offset < 0
              ? "it is not valid JSON"
              : "it is not valid JSON at byte %d".formatted(offset + start));
    } catch (IOException e) {
      throw malformed("it is not valid JSON");
    }
  }

  /**
   * Finds the place for a result in a value that {@link #parse} has accepted. If members must not
   * be replaced, this is the end of the object and needs no second pass. Otherwise the value is
   * parsed again.
   *
   * @throws InvalidRecordException if {@link #parse} would not accept the value
   */
  ResultPlace place(byte[] accepted) throws InvalidRecordException {
    return overwrite ? parse(accepted).place() : ResultPlace.behindLastMember(accepted);
  }

  /**
   * Returns the largest number of open arrays and objects. A value that is not JSON may end at any
   * point.
   */
  private static int depth(byte[] value, int start) {
    int depth = 0;
    int deepest = 0;
    boolean inString = false;
    for (int i = start; i < value.length; i++) {
      switch (value[i]) {
        case '"' -> inString = !inString;
        case '\\' -> i++;
        case '[', '{' -> depth += inString ? 0 : 1;
        case ']', '}' -> depth -= inString ? 0 : 1;
        default -> {}
      }
      deepest = Math.max(deepest, depth);
    }
    return deepest;
  }

  private void checkUtf8(byte[] value, int start) throws InvalidRecordException {
    ByteBuffer bytes = ByteBuffer.wrap(value, start, value.length - start);
    decoder.reset();
    CoderResult result;
    do {
      decoded.clear();
      result = decoder.decode(bytes, decoded, true);
    } while (result.isOverflow());
    if (result.isError()) {
      throw new InvalidRecordException(
          FailureCodes.INVALID_UTF8,
          "The record's value is not UTF-8 at byte %d.".formatted(bytes.position()));
    }
  }

  private static boolean hasByteOrderMark(byte[] value, int at) {
    int end = at + BYTE_ORDER_MARK.length;
    return value.length >= end
        && Arrays.equals(value, at, end, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length);
  }

  private static InvalidRecordException malformed(String reason) {
    return new InvalidRecordException(
        FailureCodes.MALFORMED_JSON, "Cannot read the record's value, %s.".formatted(reason));
  }

  /** The pass over one record. */
  private final class Pass {
    private final JsonParser parser;
    private final byte[] value;

    /** The offset of the JSON. Jackson counts from the first byte that it receives. */
    private final int start;

    private final Found[] found = new Found[pointers.length];
    private final List<ResultPlace.Range> existing = new ArrayList<>();

    private Pass(JsonParser parser, byte[] value, int start) {
      this.parser = parser;
      this.value = value;
      this.start = start;
      Arrays.fill(found, Found.NOTHING);
    }

    private Parsed parse() throws IOException, InvalidRecordException {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw malformed("it is not a JSON object");
      }
      boolean empty = true;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        empty = false;
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals(resultName)) {
          readExisting();
        } else {
          readValue(JsonTokens.descend(pointers, pointer -> pointer.matchProperty(name)));
        }
      }
      int end = offsetOfToken();
      if (parser.nextToken() != null) {
        throw malformed("there are more bytes after the JSON object");
      }
      if (!existing.isEmpty() && !overwrite) {
        throw new InvalidRecordException(
            FailureCodes.FIELD_EXISTS,
            "The record has the field %s already.".formatted(resultName));
      }
      return new Parsed(
          List.of(found),
          new ResultPlace(ResultPlace.skipSpaceBefore(value, end), empty, existing));
    }

    private void readExisting() throws IOException {
      int from = offsetOfToken();
      parser.skipChildren();
      int end;
      if (parser.currentToken().isStructEnd()) {
        end = offsetOfToken() + 1;
      } else if (parser.currentToken() == JsonToken.VALUE_STRING) {
        parser.finishToken();
        end = (int) parser.currentLocation().getByteOffset() + start;
      } else {
        end = from + parser.getTextLength();
      }
      existing.add(new ResultPlace.Range(from, end));
    }

    /**
     * Reads the parser's current value. {@code remaining} has the rest of each pointer within it.
     */
    private void readValue(JsonPointer[] remaining) throws IOException, InvalidRecordException {
      boolean deeper = false;
      for (int i = 0; i < remaining.length; i++) {
        if (remaining[i] == null) {
          continue;
        }
        found[i] = Found.NOTHING;
        if (remaining[i].matches()) {
          JsonToken token = parser.currentToken();
          DocumentTexts texts = targets.get(i).documents();
          if (texts != null && token == JsonToken.START_ARRAY) {
            found[i] = new Found(token, null, texts.read(parser));
            return;
          }
          String text = token == JsonToken.VALUE_STRING ? parser.getText() : null;
          found[i] = new Found(token, text, null);
        } else {
          deeper = true;
        }
      }
      if (deeper && parser.currentToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          readValue(JsonTokens.descend(remaining, pointer -> pointer.matchProperty(name)));
        }
      } else if (deeper && parser.currentToken() == JsonToken.START_ARRAY) {
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
          int index = i;
          readValue(JsonTokens.descend(remaining, pointer -> pointer.matchElement(index)));
        }
      } else {
        parser.skipChildren();
      }
    }

    private int offsetOfToken() {
      return (int) parser.currentTokenLocation().getByteOffset() + start;
    }
  }
}
