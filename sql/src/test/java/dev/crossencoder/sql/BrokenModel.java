package dev.crossencoder.sql;

import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A bundle of demo-qa whose weights for one word are NaN. */
final class BrokenModel {
  /** The word. Pairs with it have no finite score. */
  static final String WORD = "volcano";

  private static final int BYTES_PER_NUMBER = 2;
  private static final byte[] NAN = {0x00, 0x7e};

  private BrokenModel() {}

  static Path build(Path folder) throws IOException {
    Path checkpoint = Files.createDirectory(folder.resolve("broken"));
    for (String file :
        List.of("config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt")) {
      try (InputStream in =
          CrossEncoder.class.getResourceAsStream("/dev/crossencoder/demo/demo-qa/" + file)) {
        Files.copy(in, checkpoint.resolve(file));
      }
    }
    int token = Files.readAllLines(checkpoint.resolve("vocab.txt")).indexOf(WORD);
    breakToken(checkpoint.resolve("model.safetensors"), token);
    Path bundle = folder.resolve("bundle");
    BundleBuilder.fromCheckpoint(checkpoint).build(bundle);
    return bundle;
  }

  private static void breakToken(Path weights, int token) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
      int headerLength = (int) Long.reverseBytes(file.readLong());
      byte[] header = new byte[headerLength];
      file.readFully(header);
      Matcher tensor =
          Pattern.compile(
                  "word_embeddings\\.weight\":\\{\"dtype\":\"F16\",\"shape\":\\[\\d+,(\\d+)],\"data_offsets\":\\[(\\d+),")
              .matcher(new String(header, StandardCharsets.UTF_8).replace(" ", ""));
      if (!tensor.find()) {
        throw new IllegalStateException("demo-qa has other word embeddings than this test knows");
      }
      long width = Long.parseLong(tensor.group(1));
      long start = Long.parseLong(tensor.group(2));
      file.seek(Long.BYTES + headerLength + start + token * width * BYTES_PER_NUMBER);
      for (int i = 0; i < width; i++) {
        file.write(NAN);
      }
    }
  }
}
