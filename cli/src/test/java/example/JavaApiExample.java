package example;

// readme:java-api
import dev.crossencoder.model.RankedPassage;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.util.List;

/** Scores and ranks without Flink. */
public final class JavaApiExample {
  public static void main(String[] args) {
    Bundle bundle = ModelRepository.shared().resolve("demo-rank");
    try (CrossEncoder model = CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT)) {
      Score score = model.score(new TextPair("How tall is it?", "It is 41 metres tall."));
      System.out.println(score.score());

      List<String> passages = List.of("It is blue.", "It is 41 metres tall.");
      for (RankedPassage ranked : model.rank("How tall is it?", passages, 10)) {
        System.out.println(ranked.score().score() + " " + ranked.passage());
      }
    }
  }
}
// end:java-api
