package dev.crossencoder.langchain4j;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Scores text segments against a query with a {@link CrossEncoder} in this process.
 *
 * <pre>{@code
 * try (var scoringModel = CrossEncoderScoringModel.builder().modelName("demo-rank").build()) {
 *   ContentAggregator aggregator =
 *       ReRankingContentAggregator.builder().scoringModel(scoringModel).maxResults(5).build();
 *   …
 * }
 * }</pre>
 *
 * <p>The query is the first text of each pair and the segment's text the second. Metadata of
 * segments is not read: to score it, put it into the text. The metadata of each {@link Response}
 * says with what was scored and what the model did not read to its end: see {@link #MODEL}, {@link
 * #REVISION} and {@link #TRUNCATED}. There is neither a token usage nor a finish reason.
 *
 * <p>Thread-safe, as {@link CrossEncoder} is.
 */
public final class CrossEncoderScoringModel implements ScoringModel, Closeable {
  /** Metadata of a response: the name of the model, a string. */
  public static final String MODEL = "model";

  /** Metadata of a response: the digest of the bundle, a string. */
  public static final String REVISION = "revision";

  /**
   * Metadata of a response: the indexes of the segments of which the model read only a part, a list
   * of integers in ascending order.
   */
  public static final String TRUNCATED = "truncated";

  private final CrossEncoder model;

  /**
   * Scores with a model that is already open. {@link #close} closes it.
   *
   * @throws IllegalArgumentException if the model has more than one label
   */
  public CrossEncoderScoringModel(CrossEncoder model) {
    requireNonNull(model, "model is null");
    checkLabels(model.bundle().manifest());
    this.model = model;
  }

  public static Builder builder() {
    return new Builder();
  }

  private static void checkLabels(BundleManifest manifest) {
    if (manifest.numLabels() != 1) {
      throw new IllegalArgumentException(
          "Cannot score segments with %s, it has %d labels. A scoring model has one score for each segment: take a model with one label."
              .formatted(manifest.name(), manifest.numLabels()));
    }
  }

  /**
   * Scores segments against a query.
   *
   * @return one score per segment, in the order of the segments; no scores if there are no segments
   * @throws NullPointerException if the query, the list or a segment is null
   * @throws IllegalStateException if this model is closed
   */
  @Override
  public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
    requireNonNull(query, "query is null");
    List<TextPair> pairs = new ArrayList<>(segments.size());
    for (TextSegment segment : segments) {
      pairs.add(new TextPair(query, requireNonNull(segment, "A segment is null").text()));
    }
    List<Score> scores = model.score(pairs);
    List<Double> values = new ArrayList<>(scores.size());
    List<Integer> truncated = new ArrayList<>();
    for (int i = 0; i < scores.size(); i++) {
      values.add((double) scores.get(i).score());
      if (scores.get(i).truncated()) {
        truncated.add(i);
      }
    }
    return new Response<>(values, null, null, metadata(truncated));
  }

  private Map<String, Object> metadata(List<Integer> truncated) {
    Bundle bundle = model.bundle();
    Map<String, Object> metadata = new TreeMap<>();
    metadata.put(MODEL, bundle.manifest().name());
    metadata.put(REVISION, bundle.digest());
    metadata.put(TRUNCATED, List.copyOf(truncated));
    return metadata;
  }

  /** Waits for calls in progress and frees the model. A second call has no effect. */
  @Override
  public void close() {
    model.close();
  }

  /** What a model is opened with. Not thread-safe. */
  public static final class Builder {
    private String modelName;
    private CrossEncoderOptions options = CrossEncoderOptions.DEFAULT;

    private Builder() {}

    /**
     * Sets the model: a folder with a bundle or a checkpoint, {@code org/name} or {@code
     * org/name@revision} of the Hugging Face hub, or the name of an embedded model. It is
     * downloaded and compiled if necessary.
     */
    public Builder modelName(String newModelName) {
      modelName = newModelName;
      return this;
    }

    /** Sets how the model scores, such as its threads and its activation. */
    public Builder options(CrossEncoderOptions newOptions) {
      options = requireNonNull(newOptions, "options is null");
      return this;
    }

    /**
     * Opens the model, which the caller closes.
     *
     * @throws IllegalStateException if no model was set
     * @throws IllegalArgumentException if the model has more than one label
     * @throws InvalidModelException if the model cannot be opened
     */
    public CrossEncoderScoringModel build() {
      if (modelName == null) {
        throw new IllegalStateException(
            "Cannot open a scoring model, modelName is not set. Set a folder, a model of the Hugging Face hub such as cross-encoder/ms-marco-MiniLM-L6-v2, or demo-rank.");
      }
      Bundle bundle = ModelRepository.shared().resolve(modelName);
      checkLabels(bundle.manifest());
      return new CrossEncoderScoringModel(CrossEncoder.open(bundle, options));
    }
  }
}
