package dev.crossencoder.model.compiler.torchscript;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.compiler.program.Program;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.program.ProgramModule.Attribute;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
 * Writes a {@link ProgramModule} as a TorchScript archive, which libtorch's {@code
 * torch::jit::load} reads. It uses neither Python nor libtorch. The archive is a ZIP file of stored
 * entries:
 *
 * <ul>
 *   <li>{@code m/data.pkl}: a pickle of the module, which refers to tensors by number
 *   <li>{@code m/code/__torch__.py} and {@code m/code/__torch__/….py}: the program and its
 *       libraries
 *   <li>{@code m/data/N}: the elements of tensor N
 *   <li>{@code m/constants.pkl}: an empty tuple
 *   <li>{@code m/version}: the version of the operator set
 * </ul>
 *
 * <p>Equal modules give equal bytes. Format: PyTorch's {@code
 * torch/csrc/jit/docs/serialization.md}.
 */
public final class TorchScriptArchive {
  private static final String ROOT = "m/";
  private static final String OPERATORS_VERSION = "10\n";
  private static final int CHUNK_ELEMENTS = 1 << 14;
  private static final byte[] EMPTY_TUPLE = new PickleWriter().emptyTuple().stop();

  /** The earliest time of the ZIP format, for reproducible archives. */
  private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final Precision precision;
  private final List<Storage> storages = new ArrayList<>();
  private final PickleWriter pickle = new PickleWriter();

  /** A tensor, and the name of its attribute for error messages. */
  private record Storage(String attribute, TensorData tensor) {}

  private TorchScriptArchive(Precision precision) {
    this.precision = precision;
  }

  /**
   * Writes an archive. An existing file is replaced.
   *
   * @throws InvalidModelException if the precision cannot represent a weight
   */
  public static void write(Program program, ProgramModule module, Precision precision, Path file)
      throws IOException {
    new TorchScriptArchive(precision).writeTo(program, module, file);
  }

  private void writeTo(Program program, ProgramModule module, Path file) throws IOException {
    object(module);
    byte[] object = pickle.stop();
    try (ZipOutputStream zip =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 20))) {
      zip.setMethod(ZipOutputStream.STORED);
      store(zip, "data.pkl", out -> out.write(object));
      text(zip, "code/__torch__.py", program.main());
      for (Map.Entry<String, String> library : program.libraries().entrySet()) {
        text(zip, "code/__torch__/" + library.getKey() + ".py", library.getValue());
      }
      for (int i = 0; i < storages.size(); i++) {
        Storage storage = storages.get(i);
        store(zip, "data/" + i, out -> write(storage, out));
      }
      store(zip, "constants.pkl", out -> out.write(EMPTY_TUPLE));
      text(zip, "version", OPERATORS_VERSION);
    }
  }

  private static void text(ZipOutputStream zip, String name, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    store(zip, name, out -> out.write(bytes));
  }

  private void object(ProgramModule module) {
    int dot = module.type().lastIndexOf('.');
    pickle.global(module.type().substring(0, dot), module.type().substring(dot + 1));
    pickle.emptyTuple().newObject().emptyDict().mark();
    module
        .attributes()
        .forEach(
            (name, attribute) -> {
              pickle.string(name);
              value(name, attribute);
            });
    pickle.setItems().build();
  }

  private void value(String name, Attribute attribute) {
    if (attribute instanceof Attribute.IntAttribute integer) {
      pickle.integer(integer.value());
    } else if (attribute instanceof Attribute.FloatAttribute real) {
      pickle.real(real.value());
    } else if (attribute instanceof Attribute.BoolAttribute bool) {
      pickle.bool(bool.value());
    } else if (attribute instanceof Attribute.StringAttribute string) {
      pickle.string(string.value());
    } else if (attribute instanceof Attribute.IntListAttribute list) {
      list("List[int]", () -> list.values().forEach(pickle::integer));
    } else if (attribute instanceof Attribute.TensorAttribute tensor) {
      tensor(name, tensor.value());
    } else if (attribute instanceof Attribute.TensorListAttribute list) {
      list("List[Tensor]", () -> list.values().forEach(tensor -> tensor(name, tensor)));
    } else if (attribute instanceof Attribute.ModuleAttribute module) {
      object(module.value());
    }
  }

  /** Writes a list with its type. A plain list would have the type {@code List[Any]}. */
  private void list(String type, Runnable elements) {
    pickle.global("torch.jit._pickle", "restore_type_tag").mark();
    pickle.emptyList().mark();
    elements.run();
    pickle.appends().string(type).tuple().reduce();
  }

  private void tensor(String attribute, TensorData tensor) {
    String key = String.valueOf(storages.size());
    storages.add(new Storage(attribute, tensor));
    pickle.global("torch._utils", "_rebuild_tensor_v2").mark();
    pickle.mark().string("storage").global("torch", precision.storage()).string(key).string("cpu");
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

  private void write(Storage storage, OutputStream out) throws IOException {
    ByteBuffer buffer =
        ByteBuffer.allocate(CHUNK_ELEMENTS * precision.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    storage
        .tensor()
        .readTo(
            (values, length) -> {
              for (int i = 0; i < length; i++) {
                if (!precision.holds(values[i])) {
                  throw new InvalidModelException(
                      "Cannot store a weight of %s in %s, it is %s. Use bf16 or fp32."
                          .formatted(storage.attribute(), precision.key(), values[i]));
                }
                precision.write(values[i], buffer);
                if (!buffer.hasRemaining() || i == length - 1) {
                  out.write(buffer.array(), 0, buffer.position());
                  buffer.clear();
                }
              }
            });
  }

  /** Writes an entry. Its size and checksum precede its bytes, so the content is written twice. */
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
