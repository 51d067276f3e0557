package dev.crossencoder.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.bundle.ScriptModule.Attribute;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchScriptArchiveTest {
  private static final Pattern DECLARATION = Pattern.compile("^  ([a-z_]+) : (\\S+)$");

  @TempDir private Path folder;
  private SafetensorsFile tensors;
  private ScriptModule module;

  @BeforeEach
  void configureAModule() throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    tensors = SafetensorsFile.open(checkpoint.resolve(BundleBuilder.WEIGHTS));
    Architecture bert = new BertArchitecture();
    module = new ScriptModule(bert.program());
    bert.configure(
        module,
        CheckpointConfig.read(checkpoint.resolve(BundleBuilder.CONFIG)),
        new CheckpointTensors(tensors));
  }

  @AfterEach
  void closeTheTensors() throws IOException {
    tensors.close();
  }

  /** libtorch would say of a forgotten attribute only that a slot has no value. */
  @Test
  void everyAttributeThatTheProgramDeclaresIsSetWithItsType() {
    Map<String, String> set = new LinkedHashMap<>();
    module.attributes().forEach((name, value) -> set.put(name, typeOf(value)));

    assertThat(set).containsExactlyInAnyOrderEntriesOf(declared(module.program()));
  }

  private static Map<String, String> declared(String program) {
    Map<String, String> declared = new LinkedHashMap<>();
    program
        .lines()
        .takeWhile(line -> !line.startsWith("  def "))
        .map(DECLARATION::matcher)
        .filter(Matcher::matches)
        .forEach(matcher -> declared.put(matcher.group(1), matcher.group(2)));
    return declared;
  }

  private static String typeOf(Attribute attribute) {
    if (attribute instanceof Attribute.IntAttribute) {
      return "int";
    } else if (attribute instanceof Attribute.FloatAttribute) {
      return "float";
    } else if (attribute instanceof Attribute.BoolAttribute) {
      return "bool";
    } else if (attribute instanceof Attribute.TensorAttribute) {
      return "Tensor";
    }
    return "List[Tensor]";
  }

  @Test
  void anArchiveWrittenTwiceIsTheSameToTheByte() throws IOException {
    Path once = folder.resolve("once.pt");
    Path again = folder.resolve("again.pt");

    TorchScriptArchive.write(module, once);
    TorchScriptArchive.write(module, again);

    assertThat(again).hasSameBinaryContentAs(once);
  }

  @Test
  void theEntriesAreThoseThatTorchReads() throws IOException {
    Map<String, ZipEntry> entries = write(new ScriptModule("program").set("weight", tensor()));

    assertThat(entries.keySet())
        .containsExactly(
            "m/data.pkl", "m/code/__torch__.py", "m/data/0", "m/constants.pkl", "m/version");
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
    TorchScriptArchive.write(new ScriptModule("program").set("weight", tensor()), file);

    try (ZipFile zip = new ZipFile(file.toFile())) {
      assertThat(zip.getInputStream(zip.getEntry("m/data/0")).readAllBytes())
          .containsExactly(0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0);
      assertThat(zip.getInputStream(zip.getEntry("m/code/__torch__.py")).readAllBytes())
          .asString()
          .isEqualTo("program");
      assertThat(zip.getInputStream(zip.getEntry("m/version")).readAllBytes())
          .asString()
          .isEqualTo("10\n");
    }
  }

  @Test
  void anExistingFileIsReplaced() throws IOException {
    Path file = folder.resolve("model.pt");
    Files.write(file, new byte[1 << 20]);

    TorchScriptArchive.write(new ScriptModule("program").set("weight", tensor()), file);

    assertThat(Files.size(file)).isLessThan(2_000);
  }

  private Map<String, ZipEntry> write(ScriptModule written) throws IOException {
    Path file = folder.resolve("model.pt");
    TorchScriptArchive.write(written, file);
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

  /** 1 and -2. */
  private static TensorData tensor() {
    return new TensorData() {
      @Override
      public List<Integer> shape() {
        return List.of(2);
      }

      @Override
      public void writeTo(OutputStream out) throws IOException {
        out.write(new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0});
      }
    };
  }
}
