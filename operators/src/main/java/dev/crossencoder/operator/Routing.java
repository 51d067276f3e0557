package dev.crossencoder.operator;

import java.io.Serializable;
import org.apache.flink.annotation.Internal;

/**
 * How the records of a stream choose their models.
 *
 * @param route returns the name of a record's model; null if there is one model
 * @param tags returns the revisions that score a record; null if models do not change
 * @param retags whether a record in flight whose revision cannot be found any more is scored by the
 *     revision that is in use; otherwise the job ends
 * @param background whether records are scored only with cores that other models do not want, and
 *     are left out, without a result, if many wait or the engine fails
 * @param <T> the type of the records
 */
@Internal
public record Routing<T>(
    RouteSelector<T> route, TagSelector<T> tags, boolean retags, boolean background)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * Creates a routing of records that are scored before others that are in the background.
   *
   * @param route returns the name of a record's model; null if there is one model
   * @param tags returns the revisions that score a record; null if models do not change
   * @param retags whether a record whose revision is gone is scored by the one in use
   */
  public static <T> Routing<T> of(RouteSelector<T> route, TagSelector<T> tags, boolean retags) {
    return new Routing<>(route, tags, retags, false);
  }

  /** Creates the routing of records for one model in the background. */
  public static <T> Routing<T> inBackground() {
    return new Routing<>(null, null, false, true);
  }

  /**
   * Creates a routing among models that do not change.
   *
   * @param route returns the name of a record's model; null if there is one model
   */
  static <T> Routing<T> fixed(RouteSelector<T> route) {
    return of(route, null, false);
  }

  /** Whether models change while the job runs. */
  boolean isLive() {
    return tags != null;
  }
}
