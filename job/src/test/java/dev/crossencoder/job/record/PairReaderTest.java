package dev.crossencoder.job.record;

import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.operator.Failure;
import dev.crossencoder.operator.InvalidRecordException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PairReaderTest {
  private static final TextPair PAIR = new TextPair("q", "p");

  private final PairReader reader = reader(PairFields.DEFAULTS.toArray(PairFields[]::new));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"query\":\"q\",\"passage\":\"p\"}",
        " {\t\"passage\" :\r\n\"p\" , \"query\":\"q\" } \n",
        "{\"premise\":\"q\",\"hypothesis\":\"p\"}",
        "{\"query\":\"x\",\"premise\":\"q\",\"hypothesis\":\"p\"}",
        "{\"premise\":\"x\",\"hypothesis\":\"x\",\"query\":\"q\",\"passage\":\"p\"}",
        "{\"query\":[{\"query\":\"x\"}],\"query\":\"q\",\"passage\":\"p\"}",
        "{\"qu\\u0065ry\":\"\\u0071\",\"passage\":\"p\"}",
        "\uFEFF{\"query\":\"q\",\"passage\":\"p\"}",
        "{\"more\":{\"query\":1,\"passage\":2},\"query\":\"q\",\"passage\":\"p\"}",
      })
  void thePairIsFound(String json) throws Exception {
    assertThat(reader.read(bytes(json)).pair()).isEqualTo(PAIR);
  }

  @Test
  void escapesAndLoneSurrogatesBecomeTheirCharacters() throws Exception {
    String json = "{\"query\":\"\\ud83e\\uddc0\\n\\ud800\",\"passage\":\"\ud83e\uddc0 \"}";

    assertThat(reader.read(bytes(json)).pair())
        .isEqualTo(new TextPair("\ud83e\uddc0\n\ud800", "\ud83e\uddc0 "));
  }

  @Test
  void pointersLeadThroughObjectsAndArrays() throws Exception {
    PairReader nested = reader(new PairFields("/doc/a~1b/~0", "/docs/1/2"));
    String json = "{\"docs\":[[],[0,1,\"p\",3]],\"doc\":{\"x\":1,\"a/b\":{\"~\":\"q\"}}}";

    assertThat(nested.read(bytes(json)).pair()).isEqualTo(PAIR);
  }

  @Test
  void aPointerWithANumberIsAlsoAName() throws Exception {
    PairReader nested = reader(new PairFields("/docs/0", "/docs/1"));

    assertThat(nested.read(bytes("{\"docs\":{\"1\":\"p\",\"0\":\"q\"}}")).pair()).isEqualTo(PAIR);
  }

  @Test
  void theLastOfRepeatedObjectsCountsAsAWhole() {
    PairReader nested = reader(new PairFields("/doc/q", "/doc/p"));

    assertThat(failure(nested, "{\"doc\":{\"q\":\"q\",\"p\":\"p\"},\"doc\":{\"q\":\"q\"}}"))
        .isEqualTo(new Failure("missing_field", "The record has no field /doc/p."));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|The record does not have /query and /passage, or /premise and /hypothesis.",
        "{\"query\":\"q\"}|The record has no field /passage.",
        "{\"hypothesis\":\"q\"}|The record has no field /premise.",
      })
  void aMissingFieldIsNamed(String json, String message) {
    assertThat(failure(reader, json)).isEqualTo(new Failure("missing_field", message));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|an object",
        "[\"q\"]|an array",
        "null|null",
        "true|a boolean",
        "1|a number",
        "1e9|a number"
      })
  void whatIsNoTextIsSaid(String value, String kind) {
    assertThat(failure(reader, "{\"query\":\"q\",\"passage\":" + value + "}"))
        .isEqualTo(
            new Failure(
                "not_text", "The record's field /passage is not a string but " + kind + "."));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]|it is not a JSON object",
        "\"query\"|it is not a JSON object",
        "``|it is not a JSON object",
        "{} {}|there are more bytes after the JSON object",
        "{} 1|there are more bytes after the JSON object",
        "{} x|it is not valid JSON at byte 4",
        "{\"a\":01}|it is not valid JSON at byte 6",
        "{\"a\":NaN}|it is not valid JSON at byte 8",
        "{\"a\":1,}|it is not valid JSON at byte 7",
        "{'a':1}|it is not valid JSON at byte 1",
        "{\"a\":1//}|it is not valid JSON at byte 6",
        "{\"a\":1|it is not valid JSON at byte 6",
      })
  void malformedJsonIsSaidWithItsPlace(String json, String reason) {
    assertThat(failure(reader, json))
        .isEqualTo(
            new Failure("malformed_json", "Cannot read the record's value, " + reason + "."));
  }

  @Test
  void aNullIsNoRecord() {
    assertThat(failure(reader, (byte[]) null))
        .isEqualTo(new Failure("null_value", "The record's value is null."));
  }

  @Test
  void bytesThatAreNotUtf8AreSaidWithTheirPlace() {
    byte[] latin = "{\"query\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
    byte[] utf16 = "{}".getBytes(StandardCharsets.UTF_16);
    byte[] loneSurrogate = {'"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'};
    byte[] cut = {'"', (byte) 0xF0, (byte) 0x9F};
    byte[] late = bytes(" ".repeat(10_000) + "x");
    late[10_000] = (byte) 0x80;

    assertThat(failure(reader, latin))
        .isEqualTo(new Failure("invalid_utf8", "The record's value is not UTF-8 at byte 10."));
    assertThat(failure(reader, utf16).message()).endsWith("not UTF-8 at byte 0.");
    assertThat(failure(reader, loneSurrogate).message()).endsWith("not UTF-8 at byte 1.");
    assertThat(failure(reader, cut).message()).endsWith("not UTF-8 at byte 1.");
    assertThat(failure(reader, late).message()).endsWith("not UTF-8 at byte 10000.");
  }

  @Test
  void aResultThatIsThereAlreadyIsSaid() {
    Failure exists = new Failure("field_exists", "The record has the field result already.");

    assertThat(failure(reader, "{\"query\":\"q\",\"passage\":\"p\",\"result\":1}"))
        .isEqualTo(exists);
    assertThat(failure(reader, "{\"r\\u0065sult\":{},\"query\":\"q\",\"passage\":\"p\"}"))
        .isEqualTo(exists);
    assertThat(failure(reader, "{\"result\":[]}")).isEqualTo(exists);
  }

  @Test
  void aResultFurtherDownIsAMemberLikeAnyOther() throws Exception {
    String json = "{\"more\":{\"result\":1},\"query\":\"q\",\"passage\":\"p\"}";

    assertThat(reader.read(bytes(json)).place().existing()).isEmpty();
  }

  @Test
  void readingGoesOnAfterABadRecord() throws Exception {
    assertThat(failure(reader, "{\"query\":").code()).isEqualTo("malformed_json");
    assertThat(failure(reader, new byte[] {(byte) 0xff}).code()).isEqualTo("invalid_utf8");

    assertThat(reader.read(bytes("{\"query\":\"q\",\"passage\":\"p\"}")).pair()).isEqualTo(PAIR);
  }

  @Test
  void namesOfRecordsDoNotStayInMemory() throws Exception {
    long before = usedBytes();
    for (int i = 0; i < 100; i++) {
      String name = "n".repeat(1 << 20) + i;
      reader.read(bytes("{\"" + name + "\":1,\"query\":\"q\",\"passage\":\"p\"}"));
    }

    assertThat(usedBytes() - before).isLessThan(50L << 20);
  }

  private static long usedBytes() {
    Runtime runtime = Runtime.getRuntime();
    runtime.gc();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void theDeepestThatIsReadIsAThousandLevels() throws Exception {
    assertThat(reader.read(bytes(nested(RecordParser.MAX_DEPTH - 1))).pair()).isEqualTo(PAIR);
    assertThat(failure(reader, nested(RecordParser.MAX_DEPTH)))
        .isEqualTo(
            new Failure(
                "too_deep",
                "The record's value is nested 1001 levels deep; at most 1000 are allowed."));
    assertThat(failure(reader, "{\"a]\\\"]\":" + "[".repeat(7_000)))
        .isEqualTo(
            new Failure(
                "too_deep",
                "The record's value is nested 7001 levels deep; at most 1000 are allowed."));
  }

  @Test
  void offsetsCountFromTheFirstByteOfTheRecord() {
    assertThat(failure(reader, "\uFEFF{\"a\":01}").message())
        .isEqualTo("Cannot read the record's value, it is not valid JSON at byte 9.");
    assertThat(failure(framed(InputFraming.CONFLUENT), "\u0000abcd{\"a\":01}").message())
        .isEqualTo("Cannot read the record's value, it is not valid JSON at byte 11.");
    assertThat(failure(framed(InputFraming.CONFLUENT), "\u0000abcd\uFEFF{\"a\":01}").message())
        .isEqualTo("Cannot read the record's value, it is not valid JSON at byte 14.");
  }

  @ParameterizedTest
  @CsvSource({
    "NONE,CONFLUENT,after a zero byte and 4 bytes of a schema's id",
    "NONE,APICURIO,after a zero byte and 8 bytes of a schema's id",
    "CONFLUENT,NONE,with its first byte",
    "CONFLUENT,APICURIO,after a zero byte and 8 bytes of a schema's id",
    "APICURIO,NONE,with its first byte",
    "APICURIO,CONFLUENT,after a zero byte and 4 bytes of a schema's id",
  })
  void anotherFrameIsRecognised(InputFraming set, InputFraming found, String words) {
    String frame = "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008";

    assertThat(
            failure(
                framed(set),
                frame.substring(0, found.bytes()) + "{\"query\":\"q\",\"passage\":\"p\"}"))
        .isEqualTo(
            new Failure(
                "malformed_json",
                "Cannot read the record's value, its JSON begins %s. input.framing is %s, set it to %s."
                    .formatted(words, set, found)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\u0000", "\u0000abc", "x1234{}", " {}", "null"})
  void whatHasNoFrameIsRefusedWithTheOptionsName(String value) {
    assertThat(failure(framed(InputFraming.CONFLUENT), value).message())
        .isEqualTo(
            "Cannot read the record's value, it does not begin with a zero byte and 4 bytes of a schema's id, as input.framing confluent says.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0000abcd", "\u0000abcd ", "\u0000abcd[]", "\u0000abcdx"})
  void whatHasAFrameAndNoObjectIsMalformed(String value) {
    assertThat(failure(framed(InputFraming.CONFLUENT), value).code()).isEqualTo("malformed_json");
    assertThat(failure(reader, value).code()).isEqualTo("malformed_json");
  }

  @Test
  void aFramedRecordIsReadAfterSpacesAndAByteOrderMark() throws Exception {
    PairReader framed = framed(InputFraming.CONFLUENT);

    assertThat(framed.read(bytes("\u0000abcd\uFEFF \n{\"query\":\"q\",\"passage\":\"p\"}")).pair())
        .isEqualTo(PAIR);
  }

  private static String nested(int arrays) {
    return "{\"query\":\"q\",\"passage\":\"p\",\"a\":"
        + "[".repeat(arrays)
        + "]".repeat(arrays)
        + "}";
  }

  private static PairReader framed(InputFraming framing) {
    return new PairReader(PairFields.DEFAULTS, "result", false, framing);
  }

  private static PairReader reader(PairFields... fields) {
    return new PairReader(List.of(fields), "result", false);
  }

  private static Failure failure(PairReader reader, String json) {
    return failure(reader, bytes(json));
  }

  private static Failure failure(PairReader reader, byte[] value) {
    try {
      reader.read(value);
    } catch (InvalidRecordException e) {
      return e.failure();
    }
    throw new AssertionError("It was accepted");
  }
}
