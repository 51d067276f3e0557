package dev.crossencoder.model.compiler.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.tokenizer.PairEncoder;
import dev.crossencoder.model.tokenizer.PairTemplate;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A checkpoint's tokenizer gives what {@code transformers} gave for the same files, as {@code
 * src/test/python/tokenizers.py} recorded it. {@code -Dcrossencoder.tokenizers} names another
 * folder of recordings.
 */
public class TokenizerReferenceTest {
  private static final String TEXTS = "texts.json";
  private static final String EXPECTED = "expected.json";
  private static final String GZIP = ".gz";
  private static final int MAX_REPORTED = 5;

  @TempDir private Path temporary;

  public static Path recordings() throws URISyntaxException {
    String folder = System.getProperty("crossencoder.tokenizers", "");
    return folder.isBlank()
        ? Path.of(TokenizerReferenceTest.class.getResource("tokenizers").toURI())
        : Path.of(folder);
  }

  public static List<String> checkpoints() throws IOException, URISyntaxException {
    try (Stream<Path> children = Files.list(recordings())) {
      return children
          .filter(Files::isDirectory)
          .map(child -> child.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void theTokenizerIsThatOfTransformers(String name) throws Exception {
    Path checkpoint = unpack(recordings().resolve(name), temporary);
    JsonNode expected = JsonFiles.readObject(checkpoint.resolve(EXPECTED));
    CheckpointTokenizer tokenizer = read(checkpoint);

    ObjectNode actual = tokenizer.json(2).deepCopy();
    ObjectNode reference = expected.path("tokenizer").deepCopy();
    List<String> parts = new ArrayList<>(List.of("added_tokens"));
    if (!Files.exists(checkpoint.resolve(Bundle.TOKENIZER))) {
      parts.addAll(List.of("normalizer", "pre_tokenizer", "post_processor", "decoder", "model"));
    }
    PairTemplate.clearSegments(actual);
    PairTemplate.clearSegments(reference);
    ((ObjectNode) actual.path("model")).remove(List.of("vocab", "merges"));
    actual
        .path("normalizer")
        .path("normalizers")
        .forEach(part -> ((ObjectNode) part).remove("precompiled_charsmap"));
    // Once told that a token is not normalised, transformers' tokenizer goes by it, although it
    // says
    // what it was told last. The ids of the pairs show whether that is right.
    for (int i = 0; i < actual.path("added_tokens").size(); i++) {
      if (!actual.path("added_tokens").path(i).path("normalized").asBoolean()
          && reference.path("added_tokens").path(i) instanceof ObjectNode token) {
        token.put("normalized", false);
      }
    }
    for (String part : parts) {
      assertThat(actual.path(part)).as(part).isEqualTo(reference.path(part));
    }
    assertThat(tokenizer.declaredLength().asInt(1 << 30))
        .isEqualTo(expected.path("model_max_length").asInt());
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void pairsHaveTheTokensOfTransformers(String name) throws Exception {
    Path checkpoint = unpack(recordings().resolve(name), temporary);
    JsonNode texts = JsonFiles.MAPPER.readTree(recordings().resolve(TEXTS).toFile());
    JsonNode pairs = JsonFiles.readObject(checkpoint.resolve(EXPECTED)).path("pairs");
    int segments =
        JsonFiles.readObject(checkpoint.resolve("config.json")).path("type_vocab_size").asInt();
    Path file = temporary.resolve("bundle-tokenizer.json");
    Files.writeString(file, read(checkpoint).json(segments).toString());

    List<String> differences = new ArrayList<>();
    Map<Integer, PairEncoder> encoders = new HashMap<>();
    try {
      for (JsonNode pair : pairs) {
        PairEncoder encoder =
            encoders.computeIfAbsent(pair.path(2).asInt(), max -> PairEncoder.load(file, max));
        TextPair input =
            new TextPair(
                texts.path(pair.path(0).asInt()).asText(),
                texts.path(pair.path(1).asInt()).asText());
        EncodedPair encoded = encoder.encode(input);
        int[] ids = JsonFiles.MAPPER.convertValue(pair.path(3), int[].class);
        int[] types = new int[ids.length];
        int border = pair.path(4).asInt();
        if (border >= 0) {
          Arrays.fill(types, border, types.length, 1);
        }
        if (!Arrays.equals(ids, encoded.inputIds())
            || !Arrays.equals(types, encoded.tokenTypeIds())) {
          differences.add(
              "%s at most %d:%n%s %s%n%s %s"
                  .formatted(
                      input,
                      pair.path(2).asInt(),
                      Arrays.toString(ids),
                      border,
                      Arrays.toString(encoded.inputIds()),
                      Arrays.toString(encoded.tokenTypeIds())));
        }
      }
    } finally {
      encoders.values().forEach(PairEncoder::close);
    }
    System.out.printf("%s: %d pairs, %d differ%n", name, pairs.size(), differences.size());
    assertThat(pairs).isNotEmpty();
    assertThat(differences.subList(0, Math.min(MAX_REPORTED, differences.size())))
        .as("%d of %d pairs differ", differences.size(), pairs.size())
        .isEmpty();
  }

  public static CheckpointTokenizer read(Path checkpoint) {
    return CheckpointTokenizer.read(
        checkpoint, JsonFiles.readObject(checkpoint.resolve("config.json")));
  }

  public static Path unpack(Path folder, Path temporary) throws IOException {
    Path checkpoint = Files.createDirectory(temporary.resolve("checkpoint"));
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(GZIP)) {
          String plain = name.substring(0, name.length() - GZIP.length());
          try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            Files.copy(in, checkpoint.resolve(plain));
          }
        } else {
          Files.copy(file, checkpoint.resolve(name));
        }
      }
    }
    return checkpoint;
  }
}
