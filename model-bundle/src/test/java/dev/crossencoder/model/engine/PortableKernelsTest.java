package dev.crossencoder.model.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.crossencoder.model.Device;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.compiler.architecture.Architecture;
import dev.crossencoder.model.compiler.architecture.Architectures;
import dev.crossencoder.model.compiler.architecture.BertArchitecture;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.program.Program;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.compiler.torchscript.TorchScriptArchive;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A libtorch that lacks an operator of oneDNN, played by a program that wants one nobody has. */
class PortableKernelsTest {
  @TempDir private Path folder;

  @Test
  void aLibtorchWithoutOneDnnGivesTheSameLogits() throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    Path usual = folder.resolve("usual.pt");
    Path demanding = folder.resolve("demanding.pt");
    compile(checkpoint, usual, "_linear_pointwise");
    compile(checkpoint, demanding, "_of_another_release");

    float[][] expected = logits(usual);

    assertThat(logits(demanding)[0]).containsExactly(expected[0], offset(1e-5f));
  }

  @Test
  void theCopyDiffersInOneFileOnly() throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    Path archive = folder.resolve("model.pt");
    Path copy = folder.resolve("copy.pt");
    compile(checkpoint, archive, "_linear_pointwise");

    PortableKernels.copy(archive, copy);

    Map<String, Long> entries = entries(archive);
    Map<String, Long> copied = entries(copy);
    assertThat(copied.keySet()).isEqualTo(entries.keySet());
    assertThat(copied.entrySet())
        .filteredOn(entry -> !entry.getValue().equals(entries.get(entry.getKey())))
        .extracting(Map.Entry::getKey)
        .containsExactly("m/code/__torch__/kernels.py");
  }

  private static Map<String, Long> entries(Path archive) throws IOException {
    Map<String, Long> entries = new TreeMap<>();
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      zip.stream().forEach(entry -> entries.put(entry.getName(), entry.getCrc()));
    }
    return entries;
  }

  private static void compile(Path checkpoint, Path archive, String operator) throws IOException {
    Architecture architecture = new BertArchitecture();
    CheckpointConfig config = CheckpointConfig.read(checkpoint.resolve(CheckpointConfig.FILE));
    Program program = architecture.program();
    Map<String, String> libraries = new TreeMap<>(program.libraries());
    libraries.computeIfPresent(
        "kernels", (name, text) -> text.replace("_linear_pointwise", operator));
    try (CheckpointTensors tensors = CheckpointTensors.open(checkpoint)) {
      TorchScriptArchive.write(
          new Program(program.main(), libraries),
          Architectures.module(architecture, config, tensors),
          Precision.FP32,
          archive);
    }
  }

  private static float[][] logits(Path archive) {
    EncodedPair pair = new EncodedPair(new int[] {2, 5, 3, 6, 3}, new int[] {0, 0, 0, 1, 1}, false);
    try (ScoringEngine engine = TorchScriptEngine.load(archive, Device.CPU)) {
      return engine.forward(PackedBatch.of(List.of(pair), 0), 1);
    }
  }
}
