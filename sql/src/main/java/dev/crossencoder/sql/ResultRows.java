package dev.crossencoder.sql;

import dev.crossencoder.model.Cascade;
import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.classification.Classification;
import dev.crossencoder.sql.OutputColumn.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;

/** Makes the output rows of a model. Immutable. */
final class ResultRows {
  private final ModelSchema schema;
  private final StringData revision;
  private final RankOptions ranking;

  /**
   * Creates the rows of a model.
   *
   * @param revision the digest of the model's bundle
   * @param ranking which documents are in a result
   */
  ResultRows(ModelSchema schema, String revision, RankOptions ranking) {
    this.schema = schema;
    this.revision = StringData.fromString(revision);
    this.ranking = ranking;
  }

  /**
   * A document of a result: its position and text in the input, its score and the stage that gave
   * it, or nulls.
   */
  private record Result(Integer index, Score score, String document, Integer stage) {
    private static final Result NONE = new Result(null, null, null, null);
  }

  /** Returns a row that is NULL in all columns. */
  static Collection<RowData> none(ModelSchema schema) {
    return List.of(new GenericRowData(schema.columns().size()));
  }

  /** Returns a row that is NULL in all columns but {@code error}. */
  static Collection<RowData> failed(ModelSchema schema, String error) {
    GenericRowData row = new GenericRowData(schema.columns().size());
    for (int i = 0; i < row.getArity(); i++) {
      if (schema.columns().get(i).kind() == Kind.ERROR) {
        row.setField(i, StringData.fromString(error));
      }
    }
    return List.of(row);
  }

  /** Returns the row of a pair. */
  Collection<RowData> pair(Score score) {
    return List.of(row(schema.columns(), new Result(null, score, null, null), null));
  }

  /** Returns the row of a text: the best label and its score, and the scores of all labels. */
  Collection<RowData> classification(Classification result) {
    return pair(
        new Score(
            result.scores().get(0),
            result.label(),
            result.scoresByLabel(),
            List.of(),
            result.truncated()));
  }

  /**
   * Returns the rows of a query and its documents: best first, and those that are null last.
   *
   * @param texts the documents, which may be null
   * @param scores the scores of those that are not null
   */
  Collection<RowData> documents(List<String> texts, List<Score> scores) {
    return documents(texts, scores, Collections.nCopies(scores.size(), 0), 0);
  }

  /**
   * Returns the rows of a query and its documents as {@link #documents(List, List)} does, for a
   * cascade.
   *
   * @param stages the number of the stage that gave each score
   * @param last the number of the last stage
   */
  Collection<RowData> documents(
      List<String> texts, List<Score> scores, List<Integer> stages, int last) {
    List<Result> results = ranked(texts, scores, stages, last);
    if (schema.shape() == ModelSchema.Shape.DOCUMENT_ROWS) {
      return results.stream().map(result -> (RowData) row(schema.columns(), result, null)).toList();
    }
    Object[] rows =
        results.stream().map(result -> row(schema.resultFields(), result, null)).toArray();
    return List.of(row(schema.columns(), Result.NONE, new GenericArrayData(rows)));
  }

  private List<Result> ranked(
      List<String> texts, List<Score> scores, List<Integer> stages, int last) {
    List<Integer> scored = new ArrayList<>();
    List<Integer> missing = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      (texts.get(i) == null ? missing : scored).add(i);
    }
    List<Result> results = new ArrayList<>();
    if (!scored.isEmpty()) {
      for (int place : Cascade.best(scores, stages, last, ranking)) {
        int index = scored.get(place);
        results.add(new Result(index, scores.get(place), texts.get(index), stages.get(place)));
      }
    }
    for (int index : missing) {
      if (results.size() < ranking.topN()) {
        results.add(new Result(index, null, null, null));
      }
    }
    return results;
  }

  private GenericRowData row(List<OutputColumn> columns, Result result, GenericArrayData results) {
    GenericRowData row = new GenericRowData(columns.size());
    for (int i = 0; i < columns.size(); i++) {
      row.setField(i, value(columns.get(i), result, results));
    }
    return row;
  }

  private Object value(OutputColumn column, Result result, GenericArrayData results) {
    Score score = result.score();
    return switch (column.kind()) {
      case INDEX -> result.index();
      case STAGE -> result.stage();
      case DOCUMENT -> StringData.fromString(result.document());
      case RESULTS -> results;
      case REVISION -> revision;
      case ERROR -> null;
      case SCORE -> score == null ? null : number(column, score.score());
      case LABEL -> score == null ? null : StringData.fromString(score.label());
      case SCORES -> score == null ? null : scores(column, score.scores());
      case LOGITS -> score == null ? null : logits(column, score.logits());
      case TRUNCATED -> score == null ? null : score.truncated();
    };
  }

  private static Object number(OutputColumn column, float value) {
    return column.doubles() ? (Object) (double) value : (Object) value;
  }

  private static GenericMapData scores(OutputColumn column, Map<String, Float> scores) {
    Map<StringData, Object> map = new LinkedHashMap<>();
    scores.forEach((label, value) -> map.put(StringData.fromString(label), number(column, value)));
    return new GenericMapData(map);
  }

  /** Returns an array of primitives, which Flink converts for both kinds of readers. */
  private static GenericArrayData logits(OutputColumn column, List<Float> logits) {
    double[] doubles = logits.stream().mapToDouble(Float::doubleValue).toArray();
    if (column.doubles()) {
      return new GenericArrayData(doubles);
    }
    float[] floats = new float[doubles.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = logits.get(i);
    }
    return new GenericArrayData(floats);
  }
}
