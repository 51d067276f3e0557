package dev.crossencoder.job.record;

import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.operator.Failure;
import dev.crossencoder.operator.InvalidRecordException;
import dev.crossencoder.operator.RankRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentsReaderTest {
  private static final DocumentFields FIELDS =
      new DocumentFields("/query", "/documents", DocumentFields.DEFAULT_TEXTS);

  @Test
  void documentsAreStringsOrObjects() throws Exception {
    RankRequest request =
        read(
            FIELDS,
            "{\"documents\":[\"a\",{\"id\":[1,{\"text\":\"no\"}],\"text\":\"b\"},{\"content\":\"c\",\"x\":{}}],\"query\":\"q\"}");

    assertThat(request.query()).isEqualTo("q");
    assertThat(request.documents()).containsExactly("a", "b", "c");
    assertThat(request.refused()).isEmpty();
  }

  @Test
  void theFirstPlaceOfATextThatADocumentHasCounts() throws Exception {
    assertThat(
            read(FIELDS, "{\"query\":\"q\",\"documents\":[{\"content\":\"c\",\"text\":\"t\"}]}")
                .documents())
        .containsExactly("t");
  }

  @Test
  void pointersLeadIntoRecordsAndDocuments() throws Exception {
    DocumentFields nested = new DocumentFields("/s/q", "/s/hits/0", List.of("/src/1/body"));

    RankRequest request =
        read(
            nested,
            "{\"s\":{\"hits\":[[{\"src\":[\"x\",{\"body\":\"a\"}]},{\"src\":[]}],[\"no\"]],\"q\":\"q\"}}");

    assertThat(request.query()).isEqualTo("q");
    assertThat(request.documents()).containsExactly("a", null);
    assertThat(request.refused())
        .containsOnlyKeys(1)
        .containsValue(new Failure("missing_field", "The document has no field /src/1/body."));
  }

  @Test
  void ofMembersWithTheSameNameTheLastCounts() throws Exception {
    RankRequest request =
        read(
            FIELDS,
            "{\"query\":\"q\",\"documents\":[null],\"documents\":[{\"text\":1,\"text\":\"b\"}]}");

    assertThat(request.documents()).containsExactly("b");
    assertThat(request.refused()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          null              | not_text      | The document is neither a string nor an object but null.
          7                 | not_text      | The document is neither a string nor an object but a number.
          ["a"]             | not_text      | The document is neither a string nor an object but an array.
          {}                | missing_field | The document has no field /text or /content.
          {"text":null}     | not_text      | The document's field /text is not a string but null.
          {"content":{}}    | not_text      | The document's field /content is not a string but an object.
          """)
  void aDocumentWithoutATextIsRefusedAndTheOthersAreRead(
      String document, String code, String message) throws Exception {
    RankRequest request =
        read(FIELDS, "{\"query\":\"q\",\"documents\":[\"a\",%s,\"b\"]}".formatted(document));

    assertThat(request.documents()).containsExactly("a", null, "b");
    assertThat(request.refused()).containsOnlyKeys(1).containsValue(new Failure(code, message));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"query":"q"}                      | missing_field  | The record has no field /documents.
          {"documents":[]}                   | missing_field  | The record has no field /query.
          {"query":1,"documents":[]}         | not_text       | The record's field /query is not a string but a number.
          {"query":"q","documents":"a"}      | not_array      | The record's field /documents is not an array of documents but a string.
          {"query":"q","documents":{"0":""}} | not_array      | The record's field /documents is not an array of documents but an object.
          {"query":"q","documents":["a"      | malformed_json | Cannot read the record's value, it is not valid JSON at byte 29.
          """)
  void aRecordWithoutQueryOrArrayIsInvalid(String record, String code, String message) {
    assertThatThrownBy(() -> read(FIELDS, record))
        .isInstanceOfSatisfying(
            InvalidRecordException.class,
            e -> assertThat(e.failure()).isEqualTo(new Failure(code, message)));
  }

  @Test
  void documentsAreCountedBeforeTheyAreKept() {
    DocumentsReader reader = new DocumentsReader(FIELDS, 2, "result", false, InputFraming.NONE);

    assertThatThrownBy(
            () -> reader.read(bytes("{\"query\":\"q\",\"documents\":[\"a\",null,\"c\"]}")))
        .isInstanceOf(InvalidRecordException.class)
        .hasMessage(
            "The record has more than 2 documents. Raise cross-encoder.max-documents, or send fewer documents in a record.");
  }

  @Test
  void theResultIsSplicedBehindTheLastMember() throws Exception {
    byte[] record = bytes("{\"query\":\"q\", \"documents\": [] }");
    DocumentsReader reader = new DocumentsReader(FIELDS, 2, "r", false, InputFraming.NONE);

    assertThat(reader.read(record).place().splice(record, bytes("\"r\""), bytes("1")))
        .asString()
        .isEqualTo("{\"query\":\"q\", \"documents\": [],\"r\":1 }");
  }

  private static RankRequest read(DocumentFields fields, String record)
      throws InvalidRecordException {
    return new DocumentsReader(fields, 10_000, "result", false, InputFraming.NONE)
        .read(bytes(record))
        .request();
  }
}
