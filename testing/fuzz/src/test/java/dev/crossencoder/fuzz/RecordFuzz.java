package dev.crossencoder.fuzz;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.crossencoder.job.record.InputFraming;
import dev.crossencoder.job.record.PairFields;
import dev.crossencoder.job.record.PairReader;
import dev.crossencoder.job.record.PairRecord;
import dev.crossencoder.job.record.ResultPlace;
import dev.crossencoder.operator.InvalidRecordException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A record's value: with a result spliced into it, one that is accepted is JSON whose other bytes
 * are those of the record.
 */
public final class RecordFuzz {
  private static final byte[] NAME = utf8("\"cross_encoder\"");
  private static final byte[] RESULT = utf8("{\"score\":0.5}");
  private static final List<PairFields> DEEP =
      List.of(new PairFields("/a/0/query", "/a/1"), new PairFields("/a/~1", "/premise"));

  private static final List<Reader> KEEPING = readers(false);
  private static final List<Reader> OVERWRITING = readers(true);

  /** Reads all that is JSON, however deep. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private RecordFuzz() {}

  /** A reader, and how many bytes it expects before the JSON. */
  private record Reader(PairReader pairs, int frame) {}

  private static List<Reader> readers(boolean overwrite) {
    return Stream.of(PairFields.DEFAULTS, DEEP)
        .flatMap(
            fields ->
                Stream.of(InputFraming.values())
                    .map(
                        framing ->
                            new Reader(
                                new PairReader(fields, "cross_encoder", overwrite, framing),
                                framing.bytes())))
        .toList();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Records of every form. */
  public static List<byte[]> seeds() {
    return Stream.of(
            "{\"query\": \"who?\", \"passage\": \"Ada \\ud83d\\ude00 wrote it.\"}",
            "\uFEFF { \"id\":1e-7,\"premise\":\"a\\n\",\"hypothesis\":\"\\u0000\u00E4\u4E2D\" }\r\n",
            "{\"a\":[{\"query\":\"x\"},\"y\",[[]],null],\"n\":-0.5E+3}",
            "{\"cross_encoder\":{\"a\":[1]},\"a\":{\"/\":\"x\"},\"premise\":\"y\",\"cross_encoder\":\"\\\"\"}",
            "\u0000\u0000\u0000\u0001\u007f{\"query\":\"a\",\"passage\":\"b\"}",
            "\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0001\u007f\uFEFF{\"query\":\"a\",\"passage\":\"b\"}",
            "{\"query\":\"a\",\"query\":\"b\",\"cross_encoder\":12,\"passage\":\"c\",\"t\":true}")
        .map(RecordFuzz::utf8)
        .toList();
  }

  /** Tries a value. */
  public static boolean accepts(byte[] input) {
    boolean accepted = false;
    for (Reader reader : KEEPING) {
      accepted |=
          Bounds.check(input.length, InvalidRecordException.class, () -> add(reader, input));
    }
    for (Reader reader : OVERWRITING) {
      accepted |=
          Bounds.check(input.length, InvalidRecordException.class, () -> replace(reader, input));
    }
    return accepted;
  }

  private static void add(Reader reader, byte[] input) throws InvalidRecordException, IOException {
    byte[] original = input.clone();
    PairRecord read = reader.pairs().read(input);
    byte[] spliced = read.place().splice(input, NAME, RESULT);

    Bounds.require(
        reader.pairs().place(input).equals(read.place()),
        "The place is the same from the end of the bytes");
    Bounds.require(Arrays.equals(input, original), "The record's bytes are as they were");
    requireJson(spliced, reader.frame());
    int added = spliced.length - input.length;
    int start = read.place().insertAt();
    byte[] rest = Arrays.copyOf(spliced, input.length);
    System.arraycopy(spliced, start + added, rest, start, input.length - start);
    Bounds.require(Arrays.equals(rest, input), "Without the result the bytes are the record's");
    String member = new String(spliced, start, added, StandardCharsets.UTF_8);
    Bounds.require(
        member.equals((read.place().empty() ? "" : ",") + "\"cross_encoder\":{\"score\":0.5}"),
        "What was added is the result: %s",
        member);
  }

  private static void replace(Reader reader, byte[] input)
      throws InvalidRecordException, IOException {
    PairRecord read = reader.pairs().read(input);
    byte[] spliced = read.place().splice(input, NAME, RESULT);

    requireJson(spliced, reader.frame());
    PairRecord again = reader.pairs().read(spliced);
    Bounds.require(again.pair().equals(read.pair()), "The texts are as they were");
    Bounds.require(
        Arrays.equals(again.place().splice(spliced, NAME, RESULT), spliced),
        "The same result once more changes nothing");
    Bounds.require(
        again.place().existing().size() == Math.max(1, read.place().existing().size()),
        "There are as many results as there were, or one");
    for (ResultPlace.Range range : again.place().existing()) {
      Bounds.require(
          Arrays.equals(Arrays.copyOfRange(spliced, range.start(), range.end()), RESULT),
          "Every result is the new one");
    }
  }

  private static void requireJson(byte[] value, int frame) throws IOException {
    int start = value[frame] == (byte) 0xEF ? frame + 3 : frame;
    try (JsonParser parser = JSON.copy().createParser(value, start, value.length - start)) {
      while (parser.nextToken() != null) {
        parser.finishToken();
      }
    }
  }
}
