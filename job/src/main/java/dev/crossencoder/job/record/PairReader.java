package dev.crossencoder.job.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.crossencoder.model.TextPair;
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
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;

/**
 * Reads the two texts of a JSON record and finds the place for a result, in one streaming pass over
 * the bytes. Any other value causes an {@link InvalidRecordException}, whose message contains none
 * of the record's text. If a name occurs several times, the last member counts.
 *
 * <p>Owned by one thread.
 */
@Internal
public final class PairReader {
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

  private final List<PairFields> fields;
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
   * Creates a reader of records without a frame.
   *
   * @param fields the places of the two texts; the first one that a record has is used
   * @param resultName the name of the result's member
   * @param overwrite whether an existing member of that name is replaced
   */
  public PairReader(List<PairFields> fields, String resultName, boolean overwrite) {
    this(fields, resultName, overwrite, InputFraming.NONE);
  }

  /**
   * Creates a reader.
   *
   * @param framing the bytes before the JSON; offsets include them
   */
  public PairReader(
      List<PairFields> fields, String resultName, boolean overwrite, InputFraming framing) {
    this.fields = List.copyOf(fields);
    this.resultName = resultName;
    this.overwrite = overwrite;
    this.framing = framing;
    this.pointers =
        fields.stream()
            .flatMap(pair -> List.of(pair.text(), pair.textPair()).stream())
            .map(JsonPointer::compile)
            .toArray(JsonPointer[]::new);
  }

  /**
   * Reads a record.
   *
   * @param value the bytes of the value; null is an invalid record
   */
  public PairRecord read(byte[] value) throws InvalidRecordException {
    if (value == null) {
      throw new InvalidRecordException(FailureCodes.NULL_VALUE, "The record's value is null.");
    }
    Frames.check(value, framing);
    int frame = framing.bytes();
    int start = hasByteOrderMark(value, frame) ? frame + BYTE_ORDER_MARK.length : frame;
    checkUtf8(value, start);
    // A factory keeps thousands of names, however long; its copy forgets them with the record.
    try (JsonParser parser = JSON.copy().createParser(value, start, value.length - start)) {
      return new Pass(parser, value, start).read();
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
   * Finds the place for a result in a value that {@link #read} has accepted. If members must not be
   * replaced, this is the end of the object and needs no second pass. Otherwise the value is parsed
   * again.
   *
   * @throws InvalidRecordException if {@link #read} would not accept the value
   */
  public ResultPlace place(byte[] accepted) throws InvalidRecordException {
    return overwrite ? read(accepted).place() : ResultPlace.behindLastMember(accepted);
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

    private final String[] texts = new String[pointers.length];
    private final JsonToken[] found = new JsonToken[pointers.length];
    private final List<ResultPlace.Range> existing = new ArrayList<>();

    private Pass(JsonParser parser, byte[] value, int start) {
      this.parser = parser;
      this.value = value;
      this.start = start;
    }

    private PairRecord read() throws IOException, InvalidRecordException {
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
          readValue(descend(pointers, pointer -> pointer.matchProperty(name)));
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
      return new PairRecord(
          pair(), new ResultPlace(ResultPlace.skipSpaceBefore(value, end), empty, existing));
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
    private void readValue(JsonPointer[] remaining) throws IOException {
      boolean deeper = false;
      for (int i = 0; i < remaining.length; i++) {
        if (remaining[i] == null) {
          continue;
        }
        texts[i] = null;
        found[i] = null;
        if (remaining[i].matches()) {
          found[i] = parser.currentToken();
          if (parser.currentToken() == JsonToken.VALUE_STRING) {
            texts[i] = parser.getText();
          }
        } else {
          deeper = true;
        }
      }
      if (deeper && parser.currentToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          readValue(descend(remaining, pointer -> pointer.matchProperty(name)));
        }
      } else if (deeper && parser.currentToken() == JsonToken.START_ARRAY) {
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
          int index = i;
          readValue(descend(remaining, pointer -> pointer.matchElement(index)));
        }
      } else {
        parser.skipChildren();
      }
    }

    private TextPair pair() throws InvalidRecordException {
      int chosen = -1;
      for (int i = fields.size() - 1; i >= 0; i--) {
        boolean first = found[2 * i] != null;
        boolean second = found[2 * i + 1] != null;
        if ((first && second) || ((first || second) && chosen < 0)) {
          chosen = i;
        }
      }
      if (chosen < 0) {
        throw new InvalidRecordException(
            FailureCodes.MISSING_FIELD,
            "The record does not have %s."
                .formatted(
                    fields.stream()
                        .map(PairFields::toString)
                        .collect(Collectors.joining(", or "))));
      }
      PairFields names = fields.get(chosen);
      return new TextPair(text(2 * chosen, names.text()), text(2 * chosen + 1, names.textPair()));
    }

    private String text(int index, String pointer) throws InvalidRecordException {
      if (found[index] == null) {
        throw new InvalidRecordException(
            FailureCodes.MISSING_FIELD, "The record has no field %s.".formatted(pointer));
      }
      if (texts[index] == null) {
        throw new InvalidRecordException(
            FailureCodes.NOT_TEXT,
            "The record's field %s is not a string but %s.".formatted(pointer, kind(found[index])));
      }
      return texts[index];
    }

    private int offsetOfToken() {
      return (int) parser.currentTokenLocation().getByteOffset() + start;
    }
  }

  private static JsonPointer[] descend(JsonPointer[] pointers, UnaryOperator<JsonPointer> step) {
    JsonPointer[] tails = new JsonPointer[pointers.length];
    for (int i = 0; i < pointers.length; i++) {
      tails[i] = pointers[i] == null ? null : step.apply(pointers[i]);
    }
    return tails;
  }

  private static String kind(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_NULL -> "null";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      default -> "a number";
    };
  }
}
