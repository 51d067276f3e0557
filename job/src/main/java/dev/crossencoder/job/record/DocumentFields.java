package dev.crossencoder.job.record;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonPointer;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Where the query and the documents of a record are.
 *
 * @param query JSON Pointer (RFC 6901) of the query
 * @param documents JSON Pointer of the array of documents
 * @param texts JSON Pointers of the text within a document that is an object; the first one that a
 *     document has is used
 */
@PublicEvolving
public record DocumentFields(String query, String documents, List<String> texts)
    implements Serializable {
  /** The place of the query unless another one is given. */
  public static final String DEFAULT_QUERY = "/query";

  /** The places of a document's text unless another one is given. */
  public static final List<String> DEFAULT_TEXTS = List.of("/text", "/content");

  private static final long serialVersionUID = 1L;

  public DocumentFields {
    requireNonNull(query, "query is null");
    requireNonNull(documents, "documents is null");
    texts = List.copyOf(texts);
  }

  /**
   * Returns the pointer that refers to a member of the record or to a part of it, if one of the
   * pointers does. A result with the name of that member would replace it.
   */
  public Optional<String> pointerInto(String member) {
    return Stream.of(query, documents)
        .filter(pointer -> member.equals(JsonPointer.compile(pointer).getMatchingProperty()))
        .findFirst();
  }

  /** Returns whether the query is one of the documents or a part of one. */
  public boolean queryIsInDocuments() {
    return query.equals(documents) || query.startsWith(documents + "/");
  }

  @Override
  public String toString() {
    return query + " and " + documents;
  }
}
