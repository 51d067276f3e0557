package dev.crossencoder.benchmark.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.util.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small models of the same kinds: that all tensors are there is what loading them shows. */
class RandomCheckpointTest {
  private static final String SIZES =
      """
      "vocab_size": 300, "max_position_embeddings": 66, "hidden_size": 8, "num_hidden_layers": 2,
      "num_attention_heads": 2, "intermediate_size": 16, "hidden_act": "gelu"
      """;

  private static final TextPair PAIR = new TextPair("a b", "b c a");

  @TempDir Path data;

  @BeforeEach
  void writeVocabulary() throws IOException {
    Path vocabulary = Files.createDirectories(data.resolve("vocab/bert-base-uncased"));
    Files.writeString(
        vocabulary.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\n");
  }

  private Bundle bundle(ModelSize size, String facts, double... scales) throws IOException {
    Files.createDirectories(data.resolve("configs"));
    Files.writeString(
        data.resolve("configs/family.json"),
        "{\"models\": {\"%s\": {%s, %s}}}".formatted(size.configuration(), facts, SIZES));
    Path checkpoint = data.resolve("checkpoint");
    new RandomCheckpoint(data).write(size, scales, checkpoint);
    return BundleBuilder.fromCheckpoint(checkpoint).build(data.resolve("bundle"));
  }

  private static float logit(Bundle bundle) {
    try (CrossEncoder model = CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT)) {
      return model.score(PAIR).logits().get(0);
    }
  }

  @Test
  void aBertScores() throws IOException {
    Bundle bundle =
        bundle(
            ModelSize.MINILM_L6,
            "\"model_type\": \"bert\", \"type_vocab_size\": 2, \"num_labels\": 1",
            1);

    assertThat(logit(bundle)).isFinite().isNotZero();
  }

  @Test
  void anElectraScores() throws IOException {
    Bundle bundle =
        bundle(
            ModelSize.ELECTRA_BASE,
            "\"model_type\": \"electra\", \"embedding_size\": 8, \"type_vocab_size\": 2",
            1);

    assertThat(logit(bundle)).isFinite().isNotZero();
  }

  @Test
  void logitsAreScaled() throws IOException {
    String facts =
        "\"model_type\": \"bert\", \"type_vocab_size\": 2, \"id2label\": {\"0\": \"no\", \"1\": \"yes\"}";
    Bundle once = bundle(ModelSize.MINILM_L6, facts, 1, 1);
    // The bias is not scaled: it is the same for all texts.
    float bias = RandomWeights.draw("classifier.bias", List.of(2))[0];
    float weighted = logit(once) - bias;
    FileUtils.deleteDirectoryQuietly(once.folder().toFile());

    assertThat(logit(bundle(ModelSize.MINILM_L6, facts, 3, 1)) - bias)
        .isCloseTo(3 * weighted, within(1e-5f));
  }
}
