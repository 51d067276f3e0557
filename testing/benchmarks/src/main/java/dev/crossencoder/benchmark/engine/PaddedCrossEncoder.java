package dev.crossencoder.benchmark.engine;

import dev.crossencoder.model.Device;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.ModelNotFoundException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.compiler.architecture.Architectures;
import dev.crossencoder.model.compiler.architecture.BertArchitecture;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.program.Program;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.compiler.torchscript.TorchScriptArchive;
import dev.crossencoder.model.engine.PackedBatch;
import dev.crossencoder.model.engine.ScoringEngine;
import dev.crossencoder.model.engine.TorchScriptEngine;
import dev.crossencoder.model.io.Folders;
import dev.crossencoder.model.repository.EmbeddedCheckpoint;
import dev.crossencoder.model.repository.ModelRepository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An embedded model with a conventional padded program, {@code programs/bert_padded.py}: the
 * baseline for the packed program.
 *
 * <p>{@link BertArchitecture}, {@link TorchScriptArchive}, {@link TorchScriptEngine} and the
 * settings are the same as for the packed program. Only the program differs.
 *
 * <p>Thread-safe, like the engine.
 */
public final class PaddedCrossEncoder implements AutoCloseable {
  private static final String PROGRAM = "programs/bert_padded.py";

  private final ScoringEngine engine;
  private final int threads;

  private PaddedCrossEncoder(ScoringEngine engine, int threads) {
    this.engine = engine;
    this.threads = threads;
  }

  /**
   * Compiles and loads an embedded model.
   *
   * @param model its name, such as {@code demo-qa}
   * @param threads how many threads one forward pass uses
   */
  public static PaddedCrossEncoder open(String model, int threads) throws IOException {
    EmbeddedCheckpoint embedded =
        EmbeddedCheckpoint.find(model)
            .orElseThrow(
                () ->
                    new ModelNotFoundException(
                        "Cannot find the embedded model %s. It must be one of %s."
                            .formatted(model, ModelRepository.embeddedNames())));
    Path folder = Files.createTempDirectory("padded-");
    try {
      embedded.copyTo(folder);
      Path archive = folder.resolve(Engine.PYTORCH.modelFile());
      compile(folder, archive);
      return new PaddedCrossEncoder(TorchScriptEngine.load(archive, Device.CPU), threads);
    } finally {
      Folders.deleteIfExists(folder);
    }
  }

  private static void compile(Path checkpoint, Path archive) throws IOException {
    CheckpointConfig config = CheckpointConfig.read(checkpoint.resolve(CheckpointConfig.FILE));
    try (CheckpointTensors tensors = CheckpointTensors.open(checkpoint)) {
      ProgramModule module = Architectures.module(new BertArchitecture(), config, tensors);
      TorchScriptArchive.write(Program.of(program()), module, Precision.FP32, archive);
    }
  }

  private static String program() throws IOException {
    try (InputStream in = PaddedCrossEncoder.class.getResourceAsStream(PROGRAM)) {
      if (in == null) {
        throw new IOException("Cannot find resource " + PROGRAM);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /**
   * Scores pairs in one forward pass, each padded to the longest.
   *
   * @return the logits, one row per pair and one column per label
   */
  public float[][] logits(List<EncodedPair> batch) {
    return engine.forward(padded(batch), threads);
  }

  /**
   * Uses the inputs of a packed batch, which are the only ones that the engine has: the mask is
   * passed as positions.
   */
  private static PackedBatch padded(List<EncodedPair> pairs) {
    int length = pairs.stream().mapToInt(EncodedPair::length).max().orElseThrow();
    int cells = pairs.size() * length;
    long[] inputIds = new long[cells];
    long[] tokenTypeIds = new long[cells];
    long[] attentionMask = new long[cells];
    long[] offsets = new long[pairs.size() + 1];
    for (int i = 0; i < pairs.size(); i++) {
      EncodedPair pair = pairs.get(i);
      for (int j = 0; j < pair.length(); j++) {
        inputIds[i * length + j] = pair.inputIds()[j];
        tokenTypeIds[i * length + j] = pair.tokenTypeIds()[j];
        attentionMask[i * length + j] = 1;
      }
      offsets[i + 1] = (i + 1L) * length;
    }
    return new PackedBatch(inputIds, tokenTypeIds, attentionMask, offsets);
  }

  @Override
  public void close() {
    engine.close();
  }
}
