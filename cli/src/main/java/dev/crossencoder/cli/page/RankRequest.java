package dev.crossencoder.cli.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A query and the documents that the page wants ranked, checked. */
record RankRequest(String query, List<String> documents) {
  static final int MAX_BYTES = 64 * 1024;
  static final int MAX_DOCUMENTS = 100;

  /** Writes an emoji as one character, and not as the escapes of two. */
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();

  private static final int BAD_REQUEST = 400;
  private static final int TOO_LARGE = 413;

  RankRequest {
    documents = List.copyOf(documents);
  }

  /**
   * Reads {@code {"query": "…", "documents": ["…", …]}}.
   *
   * @throws RefusedRequestException if it is anything else, or larger than the limits
   */
  static RankRequest parse(byte[] body) throws RefusedRequestException {
    if (body.length > MAX_BYTES) {
      throw new RefusedRequestException(
          TOO_LARGE,
          "The query and the documents are too large: the limit is %d KiB. Send fewer or shorter documents."
              .formatted(MAX_BYTES / 1024));
    }
    JsonNode json = read(body);
    JsonNode query = json.path("query");
    if (!query.isTextual() || query.textValue().isBlank()) {
      throw new RefusedRequestException(BAD_REQUEST, "The query is empty. Type a question.");
    }
    List<String> documents = new ArrayList<>();
    for (JsonNode document : json.path("documents")) {
      if (!document.isTextual()) {
        throw new RefusedRequestException(BAD_REQUEST, "Each document must be a text.");
      }
      documents.add(encodable(document.textValue()));
    }
    if (documents.isEmpty()) {
      throw new RefusedRequestException(
          BAD_REQUEST, "There are no documents. Write at least one, each on its own line.");
    }
    if (documents.size() > MAX_DOCUMENTS) {
      throw new RefusedRequestException(
          TOO_LARGE,
          "There are %d documents, and the page ranks at most %d at a time. Remove some."
              .formatted(documents.size(), MAX_DOCUMENTS));
    }
    return new RankRequest(encodable(query.textValue()), documents);
  }

  private static String encodable(String text) throws RefusedRequestException {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new RefusedRequestException(
          BAD_REQUEST,
          "A text has half of a character (a lone surrogate), which UTF-8 cannot encode. Remove it.");
    }
    return text;
  }

  private static JsonNode read(byte[] body) throws RefusedRequestException {
    try {
      return MAPPER.readTree(body);
    } catch (IOException e) {
      throw new RefusedRequestException(BAD_REQUEST, "The request is not JSON.");
    }
  }

  /** Returns the value of the Kafka record. */
  byte[] toRecord() {
    ObjectNode record = MAPPER.createObjectNode().put("query", query);
    documents.forEach(record.putArray("documents")::add);
    try {
      return MAPPER.writeValueAsBytes(record);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("Cannot write to memory", e);
    }
  }

  /** Without texts. */
  @Override
  public String toString() {
    return "RankRequest[%d documents]".formatted(documents.size());
  }
}
