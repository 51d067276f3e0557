package dev.crossencoder.job.record;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonToken;
import dev.crossencoder.operator.Failure;
import dev.crossencoder.operator.InvalidRecordException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the texts of an array of documents. A document is a string, or an object with its text at
 * one of the pointers.
 */
final class DocumentTexts {
  /** The key of the option, for messages. */
  private static final String MAX_DOCUMENTS = "cross-encoder.max-documents";

  private final List<String> names;
  private final JsonPointer[] pointers;

  /** The names of the members, if every pointer is that of a member of the document; else null. */
  private final String[] members;

  private final int maxDocuments;

  /**
   * Creates a reader.
   *
   * @param texts JSON Pointers of the text within a document that is an object; the first one that
   *     a document has is used
   * @param maxDocuments the largest number of documents of a record
   */
  DocumentTexts(List<String> texts, int maxDocuments) {
    this.names = List.copyOf(texts);
    this.pointers = texts.stream().map(JsonPointer::compile).toArray(JsonPointer[]::new);
    this.members =
        Arrays.stream(pointers).allMatch(DocumentTexts::isMember)
            ? Arrays.stream(pointers).map(JsonPointer::getMatchingProperty).toArray(String[]::new)
            : null;
    this.maxDocuments = maxDocuments;
  }

  private static boolean isMember(JsonPointer pointer) {
    return !pointer.matches() && pointer.tail().matches();
  }

  /**
   * Reads the array at whose start a parser is, and leaves the parser at its end.
   *
   * @throws InvalidRecordException if there are too many documents
   */
  Documents read(JsonParser parser) throws IOException, InvalidRecordException {
    Documents documents = new Documents();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (documents.texts().size() == maxDocuments) {
        throw new InvalidRecordException(
            Failure.TOO_MANY_DOCUMENTS,
            "The record has more than %d documents. Raise %s, or send fewer documents in a record."
                .formatted(maxDocuments, MAX_DOCUMENTS));
      }
      switch (parser.currentToken()) {
        case VALUE_STRING -> documents.add(parser.getText());
        case START_OBJECT -> readObject(parser, documents);
        default -> {
          documents.refuse(
              FailureCodes.NOT_TEXT,
              "The document is neither a string nor an object but %s."
                  .formatted(JsonTokens.kind(parser.currentToken())));
          parser.skipChildren();
        }
      }
    }
    return documents;
  }

  private void readObject(JsonParser parser, Documents documents) throws IOException {
    String[] texts = new String[pointers.length];
    JsonToken[] found = new JsonToken[pointers.length];
    if (members == null) {
      readMembers(parser, pointers, texts, found);
    } else {
      readFlat(parser, texts, found);
    }
    int chosen = 0;
    while (chosen < found.length && found[chosen] == null) {
      chosen++;
    }
    if (chosen == found.length) {
      documents.refuse(
          FailureCodes.MISSING_FIELD,
          "The document has no field %s.".formatted(String.join(" or ", names)));
    } else if (texts[chosen] == null) {
      documents.refuse(
          FailureCodes.NOT_TEXT,
          "The document's field %s is not a string but %s."
              .formatted(names.get(chosen), JsonTokens.kind(found[chosen])));
    } else {
      documents.add(texts[chosen]);
    }
  }

  /** Reads the object at whose start the parser is, as {@link #readMembers} does. */
  private void readFlat(JsonParser parser, String[] texts, JsonToken[] found) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken token = parser.nextToken();
      for (int i = 0; i < members.length; i++) {
        if (members[i].equals(name)) {
          found[i] = token;
          texts[i] = token == JsonToken.VALUE_STRING ? parser.getText() : null;
        }
      }
      parser.skipChildren();
    }
  }

  /** Reads the object or array at whose start the parser is. */
  private static void readMembers(
      JsonParser parser, JsonPointer[] remaining, String[] texts, JsonToken[] found)
      throws IOException {
    boolean inObject = parser.currentToken() == JsonToken.START_OBJECT;
    JsonToken end = inObject ? JsonToken.END_OBJECT : JsonToken.END_ARRAY;
    for (int i = 0; parser.nextToken() != end; i++) {
      int index = i;
      JsonPointer[] tails;
      if (inObject) {
        String name = parser.currentName();
        parser.nextToken();
        tails = JsonTokens.descend(remaining, pointer -> pointer.matchProperty(name));
      } else {
        tails = JsonTokens.descend(remaining, pointer -> pointer.matchElement(index));
      }
      readMember(parser, tails, texts, found);
    }
  }

  private static void readMember(
      JsonParser parser, JsonPointer[] tails, String[] texts, JsonToken[] found)
      throws IOException {
    JsonToken token = parser.currentToken();
    boolean deeper = false;
    for (int i = 0; i < tails.length; i++) {
      if (tails[i] == null) {
        continue;
      }
      boolean here = tails[i].matches();
      deeper |= !here;
      found[i] = here ? token : null;
      texts[i] = here && token == JsonToken.VALUE_STRING ? parser.getText() : null;
    }
    if (deeper && token.isStructStart()) {
      readMembers(parser, tails, texts, found);
    } else {
      parser.skipChildren();
    }
  }
}
