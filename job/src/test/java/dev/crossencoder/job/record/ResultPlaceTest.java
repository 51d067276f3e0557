package dev.crossencoder.job.record;

import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Splicing, to the byte. In the expectations + is where the member {@code ,"r":{}} comes in. */
class ResultPlaceTest {
  private static final List<PairFields> FIELDS = List.of(new PairFields("/q", "/p/0"));
  private static final byte[] NAME = bytes("\"r\"");
  private static final byte[] VALUE = bytes("{\"score\":1}");
  private static final String MEMBER = ",\"r\":{\"score\":1}";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"q\":\"\",\"p\":[\"\"]+}",
        " { \"q\" : \"\" , \"p\" : [ \"\" ]+ } ",
        "{\"q\":\"\",\r\n\t\"p\":[\"\"]+\r\n\t}\r\n",
        "{\"p\":[\"\",{\"r\":1}],\"q\":\"}  \"+ }",
        "{\"q\":1,\"q\":\"\",\"p\":[\"\"],\"p\":[\"\"],\"x\":1.50E+03+}",
        "{\"q\":\"\u00e9\ud83e\uddc0\",\"p\":[\"\\u00e9\\/\"],\"\ud83e\uddc0\":null+}",
        "\uFEFF {\"q\":\"\",\"p\":[\"\"]+}",
      })
  void theMemberComesAfterTheLastOne(String expected) throws Exception {
    String input = expected.replaceFirst("\\+(?=\\s*\\}\\s*$)", "");

    assertThat(splice(input, false))
        .isEqualTo(expected.replaceFirst("\\+(?=\\s*\\}\\s*$)", MEMBER));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "[]", "{\"q\":\"\"} x"})
  void whatEndsOtherwiseHasNoPlace(String json) {
    assertThatThrownBy(() -> ResultPlace.behindLastMember(bytes(json)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot find the end of the record's value, it is not a JSON object.");
  }

  @Test
  void anObjectWithoutMembersIsFoundEmpty() {
    assertThat(ResultPlace.behindLastMember(bytes(" { } ")))
        .isEqualTo(new ResultPlace(2, true, List.of()));
  }

  @Test
  void theFirstMemberHasNoComma() {
    ResultPlace empty = new ResultPlace(1, true, List.of());

    assertThat(empty.splice(bytes("{ }"), NAME, VALUE)).isEqualTo(bytes("{\"r\":{\"score\":1} }"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"\"",
        "\"a \\\" } \ud83e\uddc0\\ud83e\"",
        "1",
        "-0.10e+5",
        "123456789012345678901234567890",
        "true",
        "false",
        "null",
        "{}",
        "{\"r\":{\"r\":[1,2]},\"\":\"}\"}",
        "[ ]",
        "[1,[\"]\"],{}]",
      })
  void anExistingValueIsReplacedWhereItStands(String existing) throws Exception {
    for (String frame :
        List.of(
            "{\"r\":%s,\"q\":\"\",\"p\":[\"\"]}",
            "{\"q\":\"\",\"p\":[\"\"],\"r\":%s}",
            " {\"q\":\"\", \"r\" :\t%s\n, \"p\":[\"\"]} ",
            "\uFEFF{\"q\":\"\u00e9\", \"r\" : %s , \"p\":[\"\"]}")) {
      assertThat(splice(frame.formatted(existing), true))
          .isEqualTo(frame.formatted("{\"score\":1}"));
    }
  }

  @Test
  void eachOfRepeatedMembersIsReplaced() throws Exception {
    String frame = "{\"r\":%1$s,\"q\":\"\",\"\\u0072\":%2$s,\"p\":[\"\"], \"r\" : %3$s }";

    assertThat(splice(frame.formatted("1", "\"x\"", "[{}]"), true))
        .isEqualTo(frame.formatted("{\"score\":1}", "{\"score\":1}", "{\"score\":1}"));
  }

  @Test
  void withoutAnExistingMemberOverwritingAddsOne() throws Exception {
    assertThat(splice("{\"q\":\"\",\"p\":[\"\"]}", true))
        .isEqualTo("{\"q\":\"\",\"p\":[\"\"]" + MEMBER + "}");
  }

  private static String splice(String json, boolean overwrite) throws Exception {
    byte[] input = bytes(json);
    PairReader reader = new PairReader(FIELDS, "r", overwrite);
    ResultPlace place = reader.read(input).place();
    assertThat(reader.place(input)).isEqualTo(place);
    byte[] spliced = place.splice(input, NAME, VALUE);
    return new String(spliced, StandardCharsets.UTF_8);
  }
}
