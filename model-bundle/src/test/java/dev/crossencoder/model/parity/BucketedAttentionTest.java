package dev.crossencoder.model.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.crossencoder.model.Device;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.compiler.architecture.Architecture;
import dev.crossencoder.model.compiler.architecture.Architectures;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.program.Program;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.compiler.torchscript.TorchScriptArchive;
import dev.crossencoder.model.engine.PackedBatch;
import dev.crossencoder.model.engine.ScoringEngine;
import dev.crossencoder.model.engine.TorchScriptEngine;
import dev.crossencoder.model.testing.ParityCheckpoint;
import dev.crossencoder.model.tokenizer.PairEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a GPU computes, computed on a CPU: attention to buckets of sequences gives the logits of
 * attention to each sequence, and so those of transformers.
 */
class BucketedAttentionTest {
  private static final double PARITY = 1e-4;
  private static final float TOLERANCE = 1e-5f;
  private static final String ON_GPU_ONLY = "return ops.prim.is_cuda(x)";

  /** Short ones, the edges of buckets, and the longest that a tiny model reads. */
  private static final List<List<Integer>> BATCHES =
      List.of(
          List.of(3),
          List.of(48),
          List.of(32, 32, 32),
          List.of(33, 31, 32),
          List.of(4, 5, 48, 6, 3),
          List.of(48, 3),
          Collections.nCopies(17, 7));

  @TempDir private Path folder;

  /** All but those whose head is in files of its own, which makes no other program. */
  static List<ParityCheckpoint> checkpoints() throws IOException {
    return ParityCheckpoint.all().stream()
        .filter(checkpoint -> !checkpoint.name().equals("modernbert-modules"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void bucketsGiveTheLogitsOfTransformers(ParityCheckpoint checkpoint) throws IOException {
    assertThat(differenceFromReference(checkpoint, Map.of())).isLessThan(PARITY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta", "electra", "distilbert", "modernbert", "bart"})
  void bucketsGiveTheLogitsOfSequencesByThemselvesWhateverTheirLengths(String name)
      throws IOException {
    ParityCheckpoint checkpoint = ParityCheckpoint.named(name);
    Path source = checkpoint.copyTo(folder.resolve("checkpoint"));
    List<PackedBatch> batches = batches(source);

    List<float[][]> apart = logits(compile(source, Precision.FP32, Map.of()), batches);
    List<float[][]> together = logits(compile(source, Precision.FP32, buckets()), batches);

    for (int i = 0; i < batches.size(); i++) {
      for (int pair = 0; pair < batches.get(i).pairs(); pair++) {
        float[] expected = apart.get(i)[pair];
        for (int label = 0; label < expected.length; label++) {
          assertThat(together.get(i)[pair][label])
              .as("batch %d, pair %d, label %d", i, pair, label)
              .isEqualTo(
                  expected[label], offset(TOLERANCE * Math.max(1, Math.abs(expected[label]))));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "padding is attended to       | float(\"-inf\")               | 0.",
        "the last token is not        | torch.logical_not(real)      | torch.ge(places, end - 1)",
        "padding is another token     | torch.minimum(places, end - 1) | torch.remainder(places, x.size(0))",
        "results in other places      | packed, 0, bucket.rows       | packed, 0, torch.flip(bucket.rows, [1])",
        "first tokens in other places | attended, 0, bucket.members  | attended, 0, torch.flip(bucket.members, [0])",
        "sequences in other buckets   | by_length[length], j)        | by_length[length], 0)",
      })
  void aMistakeInBucketsMissesTheReference(String mistake, String text, String replacement)
      throws IOException {
    assertThat(differenceFromReference(ParityCheckpoint.named("bert"), Map.of(text, replacement)))
        .as(mistake)
        .isGreaterThan(3 * PARITY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tokens see one that is ahead         | float(\"-inf\")), 1)    | float(\"-inf\")), 2)",
        "tokens do not see themselves         | float(\"-inf\")), 1)    | float(\"-inf\")), 0)",
        "a decoder's tokens attend to padding | buckets[i].mask + later | later",
        "tokens attend to an encoder's padding | sequences[1], bucket.mask) | sequences[1])",
      })
  void aMistakeInTheBucketsOfADecoderMissesTheReference(
      String mistake, String text, String replacement) throws IOException {
    assertThat(differenceFromReference(ParityCheckpoint.named("bart"), Map.of(text, replacement)))
        .as(mistake)
        .isGreaterThan(3 * PARITY);
  }

  @Test
  void aFirstTokenThatSeesOneTokenTooManyMissesTheReference() throws IOException {
    ParityCheckpoint local =
        checkpoints().stream()
            .filter(checkpoint -> checkpoint.variant().equals("last-local"))
            .findFirst()
            .orElseThrow();

    assertThat(differenceFromReference(local, Map.of("0, reach))", "0, reach + 1))")))
        .isGreaterThan(3 * PARITY);
  }

  @ParameterizedTest
  @CsvSource({"bert, FP16", "bert, BF16", "modernbert, BF16", "modernbert, FP16"})
  void bucketsOfHalfPrecisionGiveNearlyTheSame(String name, Precision precision)
      throws IOException {
    Path source = ParityCheckpoint.named(name).copyTo(folder.resolve("checkpoint"));
    List<PackedBatch> batches = batches(source);

    List<float[][]> full = logits(compile(source, Precision.FP32, Map.of()), batches);
    List<float[][]> half = logits(compile(source, precision, buckets()), batches);

    double sum = 0;
    int count = 0;
    for (int i = 0; i < batches.size(); i++) {
      for (int pair = 0; pair < batches.get(i).pairs(); pair++) {
        sum += Math.abs(full.get(i)[pair][0] - half.get(i)[pair][0]);
        count++;
      }
    }
    assertThat(sum / count).isBetween(1e-5, precision == Precision.FP16 ? 0.02 : 0.2);
  }

  @Test
  void aCpuHasNoBucketsThatCouldBeWrong() throws IOException {
    Path source = ParityCheckpoint.named("bert").copyTo(folder.resolve("checkpoint"));
    List<PackedBatch> batches = batches(source);
    Map<String, String> mistake = Map.of("float(\"-inf\")", "0.");

    List<float[][]> usual = logits(compile(source, Precision.FP32, Map.of()), batches);
    List<float[][]> withMistake = logits(compile(source, Precision.FP32, mistake), batches);

    assertThat(withMistake)
        .zipSatisfy(usual, (actual, expected) -> assertThat(actual).isDeepEqualTo(expected));
  }

  private static Map<String, String> buckets() {
    return Map.of(ON_GPU_ONLY, "return True");
  }

  private double differenceFromReference(ParityCheckpoint checkpoint, Map<String, String> mistakes)
      throws IOException {
    Path source = checkpoint.copyTo(folder.resolve("checkpoint"));
    Map<String, String> changes = new TreeMap<>(mistakes);
    changes.putAll(buckets());
    Path archive = compile(source, Precision.FP32, changes);
    try (PairEncoder encoder =
        PairEncoder.load(source.resolve(Bundle.TOKENIZER), ParityCheckpoint.MAX_LENGTH)) {
      List<EncodedPair> pairs = ParityCheckpoint.pairs().stream().map(encoder::encode).toList();
      PackedBatch batch = PackedBatch.of(pairs, positionOffset(source));
      return checkpoint.largestDifference(logits(archive, List.of(batch)).get(0));
    }
  }

  /** Random tokens of the lengths of {@link #BATCHES}; each batch once more with rows behind it. */
  private static List<PackedBatch> batches(Path source) throws IOException {
    Random random = new Random(11);
    List<PackedBatch> batches = new ArrayList<>();
    for (List<Integer> lengths : BATCHES) {
      List<EncodedPair> pairs = new ArrayList<>();
      for (int length : lengths) {
        int[] ids = random.ints(length, 5, 60).toArray();
        pairs.add(new EncodedPair(ids, new int[length], false));
      }
      PackedBatch batch = PackedBatch.of(pairs, positionOffset(source));
      batches.add(batch);
      batches.add(batch.part(0, batch.pairs(), batch.inputIds().length + 5));
    }
    return batches;
  }

  private static int positionOffset(Path source) throws IOException {
    CheckpointConfig config = CheckpointConfig.read(source.resolve(CheckpointConfig.FILE));
    return Architectures.of(config).positionOffset(config);
  }

  /** Compiles a checkpoint with changes to a library's text, which must hold what is replaced. */
  private Path compile(Path source, Precision precision, Map<String, String> changes)
      throws IOException {
    CheckpointConfig config = CheckpointConfig.read(source.resolve(CheckpointConfig.FILE));
    Architecture architecture = Architectures.of(config);
    Program program = architecture.program();
    Map<String, String> libraries = new TreeMap<>(program.libraries());
    libraries.putIfAbsent("buckets", Program.library("buckets"));
    for (Map.Entry<String, String> change : changes.entrySet()) {
      // A decoder's library first, which has some words of the other's.
      String name =
          Stream.of("decoder", "buckets")
              .filter(candidate -> libraries.containsKey(candidate))
              .filter(candidate -> libraries.get(candidate).contains(change.getKey()))
              .findFirst()
              .orElseThrow();
      libraries.computeIfPresent(
          name, (key, text) -> text.replace(change.getKey(), change.getValue()));
    }
    Path archive = folder.resolve("%s-%d.pt".formatted(precision.key(), changes.size()));
    try (CheckpointTensors tensors = CheckpointTensors.open(source)) {
      TorchScriptArchive.write(
          new Program(program.main(), libraries),
          Architectures.module(architecture, config, tensors),
          precision,
          archive);
    }
    return archive;
  }

  private static List<float[][]> logits(Path archive, List<PackedBatch> batches) {
    try (ScoringEngine engine = TorchScriptEngine.load(archive, Device.CPU)) {
      return batches.stream().map(batch -> engine.forward(batch, 1)).toList();
    }
  }
}
