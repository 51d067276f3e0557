package dev.crossencoder.evaluation.ranking;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * A document of a run. Scores are floats, because trec_eval reads them as floats: two scores that
 * differ less than a float can tell are a tie.
 */
public record RankedDocument(String id, float score) {
  /**
   * The order of trec_eval: scores descending, and ids of tied documents descending by the bytes of
   * their UTF-8, as {@code strcmp} compares them.
   *
   * @see <a href="https://github.com/usnistgov/trec_eval/blob/main/form_res_rels.c">trec_eval,
   *     form_res_rels.c</a>
   */
  public static final Comparator<RankedDocument> TREC_EVAL_ORDER =
      Comparator.comparingDouble(RankedDocument::score)
          .thenComparing(
              document -> document.id().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned)
          .reversed();

  public RankedDocument {
    requireNonNull(id, "id is null");
    // -0.0 becomes 0.0: they are a tie.
    score += 0.0f;
  }
}
