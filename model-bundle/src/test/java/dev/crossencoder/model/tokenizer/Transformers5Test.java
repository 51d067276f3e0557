package dev.crossencoder.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.compiler.tokenizer.TokenizerReferenceTest;
import dev.crossencoder.model.io.JsonFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of transformers 5 is what it does, as {@code tokenizers.py} recorded it. */
class Transformers5Test {
  private static final String RECORDED = "transformers-5.json";
  private static final int WHOLE = 512;

  @TempDir private Path temporary;

  static List<String> checkpoints() throws IOException {
    List<String> names = new ArrayList<>();
    try (InputStream in = Transformers5Test.class.getResourceAsStream(RECORDED)) {
      JsonFiles.MAPPER.readTree(in).path("differing").fieldNames().forEachRemaining(names::add);
    }
    return names;
  }

  private static JsonNode recorded() throws IOException {
    try (InputStream in = Transformers5Test.class.getResourceAsStream(RECORDED)) {
      return JsonFiles.MAPPER.readTree(in);
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void thePairsThatDifferAreThoseThatDoInTransformers5(String name) throws Exception {
    Path recordings = TokenizerReferenceTest.recordings();
    Path checkpoint = TokenizerReferenceTest.unpack(recordings.resolve(name), temporary);
    JsonNode texts = JsonFiles.MAPPER.readTree(recordings.resolve("texts.json").toFile());
    JsonNode pairs = JsonFiles.readObject(checkpoint.resolve("expected.json")).path("pairs");
    String architecture =
        JsonFiles.readObject(checkpoint.resolve("config.json")).path("model_type").asText();
    List<Integer> expected = new ArrayList<>();
    recorded().path("differing").path(name).forEach(index -> expected.add(index.asInt()));

    List<Integer> actual = new ArrayList<>();
    Optional<Transformers5> differences =
        Transformers5.of(architecture, TokenizerReferenceTest.read(checkpoint).json(0));
    try (Transformers5 transformers5 = differences.orElse(null)) {
      for (int i = 0; i < pairs.size(); i++) {
        TextPair pair =
            new TextPair(
                texts.path(pairs.path(i).path(0).asInt()).asText(),
                texts.path(pairs.path(i).path(1).asInt()).asText());
        if (pairs.path(i).path(2).asInt() == WHOLE
            && transformers5 != null
            && transformers5.differs(pair)) {
          actual.add(i);
        }
      }
    }

    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void someClassesAreRecordedThatDifferAndSomeThatDoNot() throws IOException {
    JsonNode differing = recorded().path("differing");

    assertThat(recorded().path("versions").path("transformers").asText())
        .startsWith(Transformers5.VERSION);
    assertThat(differing.path("deberta-v2")).hasSizeGreaterThan(5);
    assertThat(differing.path("xlm-roberta")).isNotEmpty();
    assertThat(differing.path("bert")).isEmpty();
    assertThat(differing.path("bart")).isEmpty();
  }
}
