package example;

// readme:java-api
import dev.crossencoder.bundle.Bundle;
import dev.crossencoder.bundle.CrossEncoder;
import dev.crossencoder.bundle.CrossEncoderOptions;
import dev.crossencoder.bundle.ModelRepository;
import dev.crossencoder.bundle.RankedPassage;
import dev.crossencoder.bundle.Score;
import dev.crossencoder.bundle.TextPair;
import java.util.List;

/** Scores and ranks without Flink. */
public final class JavaApiExample {
  public static void main(String[] args) {
    Bundle bundle = ModelRepository.shared().resolve("demo-qa");
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
