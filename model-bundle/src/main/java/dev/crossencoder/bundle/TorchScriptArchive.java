package dev.crossencoder.bundle;

import dev.crossencoder.bundle.ScriptModule.Attribute;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a {@link ScriptModule} as the archive that libtorch's {@code torch::jit::load} reads, with
 * neither Python nor libtorch: a ZIP of stored entries.
 *
 * <ul>
 *   <li>{@code m/data.pkl}: a pickle of the module's object, tensors by reference
 *   <li>{@code m/code/__torch__.py}: the program
 *   <li>{@code m/data/N}: the raw elements of tensor N
 *   <li>{@code m/constants.pkl}: an empty tuple
 *   <li>{@code m/version}: the version of the program's operators
 * </ul>
 *
 * <p>The same module gives the same bytes. Format: PyTorch's {@code
 * torch/csrc/jit/docs/serialization.md}.
 */
final class TorchScriptArchive {
  private static final String ROOT = "m/";
  private static final String OPERATORS_VERSION = "10\n";
  private static final byte[] EMPTY_TUPLE = new PickleWriter().emptyTuple().stop();

  /** ZIP cannot say "no time"; this is its earliest. */
  private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final List<TensorData> storages = new ArrayList<>();
  private final PickleWriter pickle = new PickleWriter();

  private TorchScriptArchive() {}

  /** Writes an archive, replacing the file. */
  static void write(ScriptModule module, Path file) throws IOException {
    new TorchScriptArchive().writeTo(module, file);
  }

  private void writeTo(ScriptModule module, Path file) throws IOException {
    byte[] object = object(module.attributes());
    try (ZipOutputStream zip =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 20))) {
      zip.setMethod(ZipOutputStream.STORED);
      store(zip, "data.pkl", out -> out.write(object));
      byte[] program = module.program().getBytes(StandardCharsets.UTF_8);
      store(zip, "code/__torch__.py", out -> out.write(program));
      for (int i = 0; i < storages.size(); i++) {
        store(zip, "data/" + i, storages.get(i)::writeTo);
      }
      store(zip, "constants.pkl", out -> out.write(EMPTY_TUPLE));
      byte[] version = OPERATORS_VERSION.getBytes(StandardCharsets.US_ASCII);
      store(zip, "version", out -> out.write(version));
    }
  }

  private byte[] object(Map<String, Attribute> attributes) {
    pickle.global("__torch__", "CrossEncoder").emptyTuple().newObject();
    pickle.emptyDict().mark();
    attributes.forEach(
        (name, attribute) -> {
          pickle.string(name);
          value(attribute);
        });
    return pickle.setItems().build().stop();
  }

  private void value(Attribute attribute) {
    if (attribute instanceof Attribute.IntAttribute integer) {
      pickle.integer(integer.value());
    } else if (attribute instanceof Attribute.FloatAttribute real) {
      pickle.real(real.value());
    } else if (attribute instanceof Attribute.BoolAttribute bool) {
      pickle.bool(bool.value());
    } else if (attribute instanceof Attribute.TensorAttribute tensor) {
      tensor(tensor.value());
    } else if (attribute instanceof Attribute.TensorListAttribute list) {
      // A bare list would be typed List[Any], which no program's attribute is.
      pickle.global("torch.jit._pickle", "restore_type_tag").mark();
      pickle.emptyList().mark();
      list.values().forEach(this::tensor);
      pickle.appends().string("List[Tensor]").tuple().reduce();
    }
  }

  private void tensor(TensorData tensor) {
    String key = String.valueOf(storages.size());
    storages.add(tensor);
    pickle.global("torch._utils", "_rebuild_tensor_v2").mark();
    pickle.mark().string("storage").global("torch", "FloatStorage").string(key).string("cpu");
    pickle.integer(tensor.size()).tuple().persistentId();
    pickle.integer(0).integers(tensor.shape()).integers(strides(tensor.shape())).bool(false);
    pickle.global("collections", "OrderedDict").emptyTuple().reduce();
    pickle.tuple().reduce();
  }

  private static List<Integer> strides(List<Integer> shape) {
    List<Integer> strides = new ArrayList<>(shape);
    int stride = 1;
    for (int i = shape.size() - 1; i >= 0; i--) {
      strides.set(i, stride);
      stride *= shape.get(i);
    }
    return strides;
  }

  /** A stored entry's size and checksum come before its bytes, so the content is produced twice. */
  private static void store(ZipOutputStream zip, String name, Content content) throws IOException {
    CRC32 crc = new CRC32();
    CountingOutputStream counting = new CountingOutputStream();
    content.writeTo(new CheckedOutputStream(counting, crc));
    ZipEntry entry = new ZipEntry(ROOT + name);
    entry.setTimeLocal(NO_TIME);
    entry.setSize(counting.bytes);
    entry.setCompressedSize(counting.bytes);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    content.writeTo(zip);
    zip.closeEntry();
  }

  @FunctionalInterface
  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private static final class CountingOutputStream extends OutputStream {
    private long bytes;

    @Override
    public void write(int b) {
      bytes++;
    }

    @Override
    public void write(byte[] buffer, int offset, int length) {
      bytes += length;
    }
  }
}
