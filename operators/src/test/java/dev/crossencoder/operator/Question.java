package dev.crossencoder.operator;

import dev.crossencoder.model.TextPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/** A record of the pipelines: a query and the passages that may answer it. */
public record Question(int id, String query, List<String> passages) {
  private static final List<String> QUERIES =
      List.of(
          "How tall is the old water tower?",
          "When does the night ferry leave?",
          "Who keeps the key of the chapel?");
  private static final List<String> PASSAGES =
      List.of(
          "The old water tower stands 41 metres tall.",
          "The night ferry leaves the north pier at 23:15 from April to October, and at 22:40 in the"
              + " months when the river is low.",
          "Bread is best stored in a linen bag.",
          "The baker's widow keeps the key of the chapel, and lends it to whoever asks before noon.",
          "");

  static final TypeInformation<Question> TYPE =
      Types.POJO(
          Question.class,
          Map.of("id", Types.INT, "query", Types.STRING, "passages", Types.LIST(Types.STRING)));

  /** Returns questions of different lengths, numbered from 0, with one to three passages each. */
  static List<Question> some(int count) {
    List<Question> questions = new ArrayList<>();
    for (int id = 0; id < count; id++) {
      questions.add(of(id));
    }
    return questions;
  }

  static Question of(int id) {
    List<String> passages = new ArrayList<>();
    for (int i = 0; i <= id % 3; i++) {
      passages.add(PASSAGES.get((id + i) % PASSAGES.size()).repeat(1 + id % 2));
    }
    return new Question(id, QUERIES.get(id % QUERIES.size()), passages);
  }

  /** The selector. */
  List<TextPair> pairs() {
    return passages.stream().map(passage -> new TextPair(query, passage)).toList();
  }

  @Override
  public String toString() {
    return "Question[" + id + "]";
  }
}
