package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.PublicEvolving;

/**
 * A query and the documents to rank by it.
 *
 * @param query the query
 * @param documents the texts of the documents; may be empty, and contain null for a document
 *     without a text
 * @param refused why a document has no text, by its index in {@code documents}
 */
@PublicEvolving
public record RankRequest(String query, List<String> documents, Map<Integer, Failure> refused) {
  /** The code of a document that is null, for which no other reason is given. */
  public static final String NULL_DOCUMENT = "null_document";

  private static final Failure IS_NULL = new Failure(NULL_DOCUMENT, "The document is null.");

  /** Each document that is null gets a failure if it has none. */
  public RankRequest {
    requireNonNull(query, "query is null");
    documents = Collections.unmodifiableList(new ArrayList<>(documents));
    Map<Integer, Failure> all = new HashMap<>(refused);
    for (int index : all.keySet()) {
      if (index < 0 || index >= documents.size()) {
        throw new IllegalArgumentException(
            "Invalid index of a refused document: %d. The request has %d documents."
                .formatted(index, documents.size()));
      }
    }
    for (int i = 0; i < documents.size(); i++) {
      if (documents.get(i) == null) {
        all.putIfAbsent(i, IS_NULL);
      }
    }
    refused = Map.copyOf(all);
  }

  /**
   * A request whose documents have texts.
   *
   * @param documents the texts; a document that is null becomes a {@link RefusedDocument}
   */
  public RankRequest(String query, List<String> documents) {
    this(query, documents, Map.of());
  }

  /** Returns the number of documents only, because texts must not get into logs. */
  @Override
  public String toString() {
    return "RankRequest[" + documents.size() + " documents]";
  }
}
