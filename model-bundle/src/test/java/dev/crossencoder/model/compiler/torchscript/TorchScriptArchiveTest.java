package dev.crossencoder.model.compiler.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.compiler.architecture.Architecture;
import dev.crossencoder.model.compiler.architecture.Architectures;
import dev.crossencoder.model.compiler.architecture.BertArchitecture;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.program.Program;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.compiler.tensor.TensorData;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchScriptArchiveTest {
  private static final Program PROGRAM = new Program("program", Map.of("library", "text"));

  @TempDir private Path folder;
  private final Architecture bert = new BertArchitecture();
  private CheckpointTensors tensors;
  private ProgramModule module;

  @BeforeEach
  void configureAModule() throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    tensors = CheckpointTensors.open(checkpoint);
    module =
        Architectures.module(
            bert, CheckpointConfig.read(checkpoint.resolve(CheckpointConfig.FILE)), tensors);
  }

  @AfterEach
  void closeTheTensors() throws IOException {
    tensors.close();
  }

  @Test
  void anArchiveWrittenTwiceIsTheSameToTheByte() throws IOException {
    Path once = folder.resolve("once.pt");
    Path again = folder.resolve("again.pt");

    TorchScriptArchive.write(bert.program(), module, Precision.FP32, once);
    TorchScriptArchive.write(bert.program(), module, Precision.FP32, again);

    assertThat(again).hasSameBinaryContentAs(once);
  }

  @Test
  void theEntriesAreThoseThatTorchReads() throws IOException {
    Map<String, ZipEntry> entries = write(weight());

    assertThat(entries.keySet())
        .containsExactly(
            "m/data.pkl",
            "m/code/__torch__.py",
            "m/code/__torch__/library.py",
            "m/data/0",
            "m/constants.pkl",
            "m/version");
  }

  @Test
  void theEntriesAreStoredWithoutCompressionAndTime() throws IOException {
    assertThat(write(module).values())
        .allSatisfy(
            entry -> {
              assertThat(entry.getMethod()).isEqualTo(ZipEntry.STORED);
              assertThat(entry.getTimeLocal()).isEqualTo(LocalDateTime.of(1980, 1, 1, 0, 0));
            });
  }

  @Test
  void aTensorsEntryHoldsItsElements() throws IOException {
    Path file = folder.resolve("model.pt");
    TorchScriptArchive.write(PROGRAM, weight(), Precision.FP32, file);

    try (ZipFile zip = new ZipFile(file.toFile())) {
      assertThat(zip.getInputStream(zip.getEntry("m/data/0")).readAllBytes())
          .containsExactly(0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0);
      assertThat(zip.getInputStream(zip.getEntry("m/code/__torch__.py")).readAllBytes())
          .asString()
          .isEqualTo("program");
      assertThat(zip.getInputStream(zip.getEntry("m/code/__torch__/library.py")).readAllBytes())
          .asString()
          .isEqualTo("text");
      assertThat(zip.getInputStream(zip.getEntry("m/version")).readAllBytes())
          .asString()
          .isEqualTo("10\n");
    }
  }

  @Test
  void halfPrecisionsTakeHalfTheBytes() throws IOException {
    Path file = folder.resolve("model.pt");

    TorchScriptArchive.write(PROGRAM, weight(), Precision.FP16, file);
    assertThat(firstTensor(file)).containsExactly(0, 0x3c, 0, 0xc0);
    TorchScriptArchive.write(PROGRAM, weight(), Precision.BF16, file);
    assertThat(firstTensor(file)).containsExactly(0x80, 0x3f, 0, 0xc0);
  }

  private static byte[] firstTensor(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return zip.getInputStream(zip.getEntry("m/data/0")).readAllBytes();
    }
  }

  @Test
  void aWeightThatAPrecisionCannotHoldIsRefused() {
    ProgramModule large =
        ProgramModule.model().set("some_bias", TensorData.of(new float[] {1, 65520}, 2));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(
            () ->
                TorchScriptArchive.write(
                    PROGRAM, large, Precision.FP16, folder.resolve("model.pt")))
        .withMessage(
            "Cannot store a weight of some_bias in fp16, it is 65520.0. Use bf16 or fp32.");
  }

  @Test
  void anExistingFileIsReplaced() throws IOException {
    Path file = folder.resolve("model.pt");
    Files.write(file, new byte[1 << 20]);

    TorchScriptArchive.write(PROGRAM, weight(), Precision.FP32, file);

    assertThat(Files.size(file)).isLessThan(2_000);
  }

  private Map<String, ZipEntry> write(ProgramModule written) throws IOException {
    Path file = folder.resolve("model.pt");
    TorchScriptArchive.write(PROGRAM, written, Precision.FP32, file);
    Map<String, ZipEntry> entries = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      Enumeration<? extends ZipEntry> all = zip.entries();
      while (all.hasMoreElements()) {
        ZipEntry entry = all.nextElement();
        entries.put(entry.getName(), entry);
      }
    }
    return entries;
  }

  private static ProgramModule weight() {
    return ProgramModule.model().set("weight", TensorData.of(new float[] {1, -2}, 2));
  }
}
