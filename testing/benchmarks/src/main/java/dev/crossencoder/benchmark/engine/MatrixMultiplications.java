package dev.crossencoder.benchmark.engine;

import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.Device;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.compiler.architecture.EncoderParts.Sizes;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.program.Program;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.TensorData;
import dev.crossencoder.model.compiler.torchscript.TorchScriptArchive;
import dev.crossencoder.model.engine.CpuPasses;
import dev.crossencoder.model.engine.PackedBatch;
import dev.crossencoder.model.engine.ScoringEngine;
import dev.crossencoder.model.engine.ScoringThreads;
import dev.crossencoder.model.engine.TorchScriptEngine;
import dev.crossencoder.model.io.Folders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Only the matrix multiplications of a model's forward pass, {@code
 * programs/matrix_multiplications.py}. Their time is a lower limit for a forward pass on this
 * machine with this library.
 *
 * <p>The multiplications are those of the packed programs: the linear layers of all tokens with
 * their biases (in the last layer for first tokens only), the hidden layer of the head, and the two
 * products of attention for each sequence and head (in the last layer the four that replace keys
 * and values, see {@code functions.py}). Each layer has its own matrices, so that caching is as in
 * the model.
 *
 * <p>The same {@link TorchScriptEngine} runs them with the same settings. Owned by one thread.
 */
public final class MatrixMultiplications implements AutoCloseable {
  private static final String PROGRAM = "programs/matrix_multiplications.py";
  private static final int SQUARE = 2048;

  /** The operations of {@link Part#SQUARE}. */
  public static final double SQUARE_OPERATIONS = 2.0 * SQUARE * SQUARE * SQUARE;

  private final ScoringEngine engine;
  private final ScoringThreads threads;
  private final int count;
  private final Sizes sizes;

  /** The parts that can be run separately. */
  public enum Part {
    /** All linear layers. */
    LINEAR(0),
    /** The products of attention. */
    ATTENTION(1),
    /** One multiplication of 2048 by 2048 by 2048. */
    SQUARE(2);

    private final long number;

    Part(long number) {
      this.number = number;
    }
  }

  private MatrixMultiplications(TorchScriptEngine engine, int count, Sizes sizes) {
    this.threads = new ScoringThreads("multiplications", count - 1);
    this.engine = CpuPasses.repeatingRows(engine, threads);
    this.count = count;
    this.sizes = sizes;
  }

  /** Returns whether the program supports the layers of a checkpoint. */
  public static boolean supports(Path checkpoint) {
    return List.of("bert", "roberta", "electra").contains(config(checkpoint).modelType());
  }

  /**
   * Creates and loads the multiplications for a checkpoint.
   *
   * @param checkpoint a BERT, RoBERTa or ELECTRA
   * @param threads how many threads work off a batch, in the passes in which they work off the
   *     model's
   */
  public static MatrixMultiplications open(Path checkpoint, int threads) throws IOException {
    if (!supports(checkpoint)) {
      throw new InvalidModelException(
          "Cannot take the multiplications of %s, its attention is of another kind."
              .formatted(config(checkpoint).modelType()));
    }
    CheckpointConfig config = config(checkpoint);
    Sizes sizes = Sizes.of(config);
    int length = config.dimension("max_position_embeddings", 512);
    Path folder = Files.createTempDirectory("matrix-multiplications-");
    try {
      Path archive = folder.resolve("multiplications.pt");
      TorchScriptArchive.write(
          Program.of(program()), module(sizes, length), Precision.FP32, archive);
      return new MatrixMultiplications(TorchScriptEngine.load(archive, Device.CPU), threads, sizes);
    } finally {
      Folders.deleteIfExists(folder);
    }
  }

  private static CheckpointConfig config(Path checkpoint) {
    return CheckpointConfig.read(checkpoint.resolve(CheckpointConfig.FILE));
  }

  private static String program() throws IOException {
    try (InputStream in = MatrixMultiplications.class.getResourceAsStream(PROGRAM)) {
      if (in == null) {
        throw new IOException("Cannot find resource " + PROGRAM);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static ProgramModule module(Sizes sizes, int length) {
    int hidden = sizes.hidden();
    int rows = Math.max(BatchLimits.DEFAULT.maxTokens(), length);
    Random random = new Random(1);
    ProgramModule module = ProgramModule.model();
    module
        .set("num_layers", sizes.layers())
        .set("tokens", random(random, rows, hidden))
        .set("heads", random(random, sizes.heads(), length, sizes.headSize()))
        .set("square", random(random, SQUARE, SQUARE))
        .set("square_weight", random(random, SQUARE, SQUARE))
        .set("square_bias", random(random, SQUARE))
        .set("last_weights", List.of());
    linear(module, random, sizes, "qkv", 3 * hidden, hidden);
    linear(module, random, sizes, "attention_output", hidden, hidden);
    linear(module, random, sizes, "intermediate", sizes.intermediate(), hidden);
    linear(module, random, sizes, "output", hidden, sizes.intermediate());
    return module;
  }

  private static void linear(
      ProgramModule module, Random random, Sizes sizes, String name, int outputs, int inputs) {
    List<TensorData> weights = new ArrayList<>();
    List<TensorData> biases = new ArrayList<>();
    for (int i = 0; i < sizes.layers(); i++) {
      weights.add(random(random, outputs, inputs));
      biases.add(random(random, outputs));
    }
    module.set(name + "_weight", weights).set(name + "_bias", biases);
  }

  /**
   * Returns values that preserve the magnitude of the input, so that no product becomes infinite or
   * 0.
   */
  private static TensorData random(Random random, Integer... shape) {
    int size = 1;
    for (int dimension : shape) {
      size *= dimension;
    }
    double deviation = 1 / Math.sqrt(shape[shape.length - 1]);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return TensorData.of(values, shape);
  }

  /**
   * Runs one part of the multiplications for a batch.
   *
   * @return one number per pair that depends on the products; for {@link Part#SQUARE} one number
   */
  public float[][] run(Part part, List<EncodedPair> batch) {
    PackedBatch packed = PackedBatch.of(part == Part.SQUARE ? batch.subList(0, 1) : batch, 0);
    long[] parts = new long[packed.inputIds().length];
    Arrays.fill(parts, part.number);
    return engine.forward(
        new PackedBatch(packed.inputIds(), parts, packed.positionIds(), packed.offsets()), count);
  }

  /** Returns the number of floating-point operations of both parts for a batch. */
  public long operations(List<EncodedPair> batch) {
    long hidden = sizes.hidden();
    long pairs = batch.size();
    long tokens = 0;
    long squares = 0;
    for (EncodedPair pair : batch) {
      tokens += pair.length();
      squares += (long) pair.length() * pair.length();
    }
    long finish = hidden * hidden + 2 * hidden * sizes.intermediate();
    long before = sizes.layers() - 1L;
    long linear =
        before * tokens * (3 * hidden * hidden + finish) + pairs * (2 * hidden * hidden + finish);
    long attention = 2 * hidden * (before * squares + pairs * hidden + tokens * sizes.heads());
    return 2 * (linear + attention);
  }

  @Override
  public void close() {
    threads.close();
    engine.close();
  }
}
