package dev.crossencoder.cli.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RankRequestTest {
  @Test
  void aRequestIsTheRecordThatIsSent() throws Exception {
    String json = "{\"query\":\"où ?\",\"documents\":[\"a \\\"b\\\" 🙂\",\"\"]}";

    RankRequest request = RankRequest.parse(utf8(json));

    assertThat(request.documents()).containsExactly("a \"b\" 🙂", "");
    assertThat(new String(request.toRecord(), StandardCharsets.UTF_8)).isEqualTo(json);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatCannotBeRankedIsRefusedWithAWayOut(String json, int status, String message) {
    assertThatExceptionOfType(RefusedRequestException.class)
        .isThrownBy(() -> RankRequest.parse(utf8(json)))
        .withMessage(message)
        .satisfies(e -> assertThat(e.status()).isEqualTo(status));
  }

  static Stream<Arguments> refused() {
    String many = String.join(",", Collections.nCopies(101, "\"a\""));
    return Stream.of(
        Arguments.of("{\"query\":", 400, "The request is not JSON."),
        Arguments.of("", 400, "The query is empty. Type a question."),
        Arguments.of("[]", 400, "The query is empty. Type a question."),
        Arguments.of("{\"query\":\" \"}", 400, "The query is empty. Type a question."),
        Arguments.of(
            "{\"query\":\"q\",\"documents\":[]}",
            400,
            "There are no documents. Write at least one, each on its own line."),
        Arguments.of(
            "{\"query\":\"q\",\"documents\":[\"a\",1]}", 400, "Each document must be a text."),
        Arguments.of(
            "{\"query\":\"q\",\"documents\":[\"\\ud83d\"]}",
            400,
            "A text has half of a character (a lone surrogate), which UTF-8 cannot encode. Remove it."),
        Arguments.of(
            "{\"query\":\"q\",\"documents\":[" + many + "]}",
            413,
            "There are 101 documents, and the page ranks at most 100 at a time. Remove some."),
        Arguments.of(
            "x".repeat(64 * 1024 + 1),
            413,
            "The query and the documents are too large: the limit is 64 KiB. Send fewer or shorter documents."));
  }

  @Test
  void textsAreNotInItsDescription() throws Exception {
    RankRequest request = RankRequest.parse(utf8("{\"query\":\"secret\",\"documents\":[\"a\"]}"));

    assertThat(request).hasToString("RankRequest[1 documents]");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
