package dev.crossencoder.model.engine;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Adapts a TorchScript archive ({@code model.pt}) to a libtorch that was built without oneDNN, such
 * as the builds for macOS. Such a libtorch refuses an archive that names a oneDNN operator, even if
 * the program never calls it. Therefore the copy has another {@code kernels.py}, without these
 * operators.
 */
final class PortableKernels {
  private static final String LIBRARY = "m/code/__torch__/kernels.py";
  private static final String RESOURCE = "portable_kernels.py";
  private static final String UNKNOWN_OPERATOR = "mkldnn::";

  private PortableKernels() {}

  /** Returns whether libtorch's error message says that oneDNN's operators are missing. */
  static boolean areNeeded(String message) {
    return message.contains(UNKNOWN_OPERATOR);
  }

  /**
   * Copies an archive and replaces its linear layers by ones that every libtorch can compute.
   *
   * @param target the copy; an existing file is overwritten
   */
  static void copy(Path archive, Path target) throws IOException {
    byte[] portable = kernels();
    try (ZipFile source = new ZipFile(archive.toFile());
        ZipOutputStream out =
            new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(target), 1 << 20))) {
      Enumeration<? extends ZipEntry> entries = source.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        if (entry.getName().equals(LIBRARY)) {
          out.putNextEntry(stored(portable));
          out.write(portable);
        } else {
          out.putNextEntry(new ZipEntry(entry));
          try (InputStream in = source.getInputStream(entry)) {
            in.transferTo(out);
          }
        }
        out.closeEntry();
      }
    }
  }

  private static byte[] kernels() throws IOException {
    try (InputStream in = PortableKernels.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("Cannot find resource %s".formatted(RESOURCE));
      }
      return in.readAllBytes();
    }
  }

  private static ZipEntry stored(byte[] content) {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(LIBRARY);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCompressedSize(content.length);
    entry.setCrc(crc.getValue());
    return entry;
  }
}
