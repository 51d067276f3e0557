package dev.crossencoder.model.compiler.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.ParityCheckpoint;
import dev.crossencoder.model.testing.TestSafetensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How checkpoints of BART are read, beyond what every parity test shows. */
class BartArchitectureTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir private Path folder;
  private ParityCheckpoint reference;
  private Path checkpoint;

  @BeforeEach
  void copyTheCheckpoint() throws IOException {
    reference = ParityCheckpoint.named("bart");
    checkpoint = reference.copyTo(folder.resolve("checkpoint"));
  }

  private Bundle build() throws IOException {
    return BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("bundle"));
  }

  private void configure(Consumer<ObjectNode> change) throws IOException {
    change("config.json", change);
  }

  private void change(String file, Consumer<ObjectNode> change) throws IOException {
    Path path = checkpoint.resolve(file);
    ObjectNode root = (ObjectNode) JsonFiles.MAPPER.readTree(path.toFile());
    change.accept(root);
    Files.writeString(path, root.toString());
  }

  private double difference() throws IOException {
    try (CrossEncoder model = CrossEncoder.open(build(), CrossEncoderOptions.DEFAULT)) {
      return reference.largestDifference(model.score(ParityCheckpoint.pairs()));
    }
  }

  /** {@code transformers} refuses a batch whose pairs have different numbers of them. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void pairsWithMoreOrFewerEndTokensShareABatch(Engine engine) throws IOException {
    List<TextPair> pairs =
        List.of(new TextPair("a </s> b", "c"), new TextPair("a", "b"), new TextPair("", "c</s>"));
    Bundle bundle =
        BundleBuilder.fromCheckpoint(checkpoint).engine(engine).build(folder.resolve("bundle"));

    try (CrossEncoder model = CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT)) {
      List<Score> together = model.scoreBatch(pairs.stream().map(model::encode).toList());

      for (int i = 0; i < pairs.size(); i++) {
        List<Float> alone = model.score(pairs.get(i)).logits();
        for (int label = 0; label < alone.size(); label++) {
          assertThat(together.get(i).logits().get(label))
              .isCloseTo(alone.get(label), within(1e-5f));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.decoder.embed_tokens.weight", "model.encoder.embed_tokens.weight"})
  void theSharedTableMayHaveAnotherName(String name) throws IOException {
    rename("model.shared.weight", name);

    assertThat(difference()).isLessThan(TOLERANCE);
  }

  /** Offsets count from the end of the header, so its length does not matter to them. */
  private void rename(String from, String to) throws IOException {
    Path file = checkpoint.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String header = new String(bytes, Long.BYTES, length, StandardCharsets.UTF_8);
    assertThat(header).contains(from);
    byte[] data = Arrays.copyOfRange(bytes, Long.BYTES + length, bytes.length);
    TestSafetensors.write(file, header.replace(from, to), data);
  }

  @Test
  void aCheckpointWithoutTheSharedTableLacksIt() throws IOException {
    rename("model.shared.weight", "model.other.weight");

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(this::build)
        .withMessageContaining("lacks 1 of the tensors of a BartForSequenceClassification")
        .withMessageContaining("model.shared.weight");
  }

  @Test
  void whatTheConfigurationDoesNotSayIsAsTransformersHasIt() throws IOException {
    configure(
        config ->
            config.remove(
                List.of(
                    "activation_function",
                    "scale_embedding",
                    "eos_token_id",
                    "decoder_start_token_id",
                    "id2label")));

    assertThat(difference()).isLessThan(TOLERANCE);
    assertThat(Bundle.read(folder.resolve("bundle")).manifest().labels())
        .containsExactly("LABEL_0", "LABEL_1", "LABEL_2");
  }

  @Test
  void theSizesOfBartLargeAreAssumed() throws IOException {
    configure(config -> config.remove("d_model"));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(this::build)
        .withMessageContaining("requires [301, 1024]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "encoder_attention_heads | 5   | It must divide d_model, 32.",
        "decoder_attention_heads | 3   | It must divide d_model, 32.",
        "decoder_layers          | 0   | It must be a whole number from 1 to 1024.",
        "decoder_start_token_id  | 301 | It must be less than vocab_size, 301.",
        "eos_token_id            | 3   | The classifier of BART reads the last token of this id, and the tokenizer must end each pair with it.",
      })
  void aValueThatCannotBeIsRefused(String key, int value, String message) throws IOException {
    configure(config -> config.put(key, value));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(this::build)
        .withMessage(
            "Invalid %s in %s: %d. %s", key, checkpoint.resolve("config.json"), value, message);
  }

  @Test
  void twoTablesOfWordsAreRefused() throws IOException {
    configure(config -> config.put("tie_word_embeddings", false));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(this::build)
        .withMessage(
            "Invalid tie_word_embeddings in %s: false. Only true is supported for bart.",
            checkpoint.resolve("config.json"));
  }
}
