package example;

// readme:operator
import dev.crossencoder.model.TextPair;
import dev.crossencoder.operator.CrossEncoderFunction;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.Scored;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Reranks search results: one query with its passages is one record. */
public final class OperatorExample {
  /** A query and what a search returned for it. */
  public record SearchResult(String query, List<String> passages) {
    @Override
    public String toString() {
      return "SearchResult[" + passages.size() + " passages]";
    }
  }

  public static DataStream<Scored<SearchResult>> rerank(DataStream<SearchResult> results) {
    Configuration options = new Configuration();
    options.set(CrossEncoderFunctionOptions.MODEL, "demo-rank");
    return CrossEncoderFunction.score(
        results,
        "rerank",
        result ->
            result.passages().stream()
                .map(passage -> new TextPair(result.query(), passage))
                .toList(),
        options);
  }

  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    DataStream<SearchResult> results =
        environment.fromData(
            new SearchResult(
                "who repaired the organ?",
                List.of("It has 3,200 pipes.", "Marta Lindqvist repaired the organ in 1987.")));
    rerank(results)
        .filter(scored -> !scored.failed())
        .map(scored -> scored.scores().get(1).score() + " " + scored.element().passages().get(1))
        .returns(String.class)
        .print();
    environment.execute("rerank");
  }
}
// end:operator
