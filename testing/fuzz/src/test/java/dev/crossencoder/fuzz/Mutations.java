package dev.crossencoder.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages inputs at random. The same seed gives the same inputs. */
final class Mutations {
  private static final List<String> WORDS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          "\"",
          ":",
          ",",
          "\\",
          "null",
          "true",
          "-1",
          "0",
          "1e999",
          "NaN",
          "2147483647",
          "4294967296",
          "-9223372036854775808",
          "18446744073709551615",
          "\\ud800",
          "../",
          "/etc/passwd",
          "\u0000",
          "\n",
          "\u2581",
          "[[[[",
          "{\"a\":",
          "\uFEFF");
  private static final int[] BYTES = {0, 1, 0x7F, 0x80, 0xFF};

  private final Random random;
  private final List<byte[]> seeds;

  Mutations(long seed, List<byte[]> seeds) {
    this.random = new Random(seed);
    this.seeds = List.copyOf(seeds);
  }

  /** Returns one of the seeds with up to four changes. */
  byte[] next() {
    byte[] input = any();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      input = change(input);
    }
    return input;
  }

  private byte[] any() {
    return seeds.get(random.nextInt(seeds.size())).clone();
  }

  private byte[] change(byte[] input) {
    int at = random.nextInt(input.length + 1);
    int end = at + random.nextInt(Math.min(64, input.length - at) + 1);
    return switch (random.nextInt(12)) {
      case 0 -> Arrays.copyOf(input, Math.max(at, input.length / 2));
      case 1 -> replaced(input, at, end, new byte[0]);
      case 2 -> replaced(input, at, at, Arrays.copyOfRange(input, at, end));
      case 3 -> replaced(input, at, end, word());
      case 4 -> replaced(input, at, at, word());
      case 5 -> replaced(input, at, end, stretch(any()));
      default -> flipped(input);
    };
  }

  private byte[] flipped(byte[] input) {
    if (input.length > 0) {
      int at = random.nextInt(input.length);
      input[at] =
          (byte)
              (random.nextBoolean()
                  ? input[at] ^ 1 << random.nextInt(8)
                  : BYTES[random.nextInt(BYTES.length)]);
    }
    return input;
  }

  private byte[] word() {
    return WORDS.get(random.nextInt(WORDS.size())).getBytes(StandardCharsets.UTF_8);
  }

  private byte[] stretch(byte[] other) {
    int from = random.nextInt(other.length + 1);
    return Arrays.copyOfRange(other, from, Math.min(other.length, from + random.nextInt(64)));
  }

  private static byte[] replaced(byte[] input, int from, int to, byte[] by) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(input.length + by.length);
    out.write(input, 0, from);
    out.writeBytes(by);
    out.write(input, to, input.length - to);
    return out.toByteArray();
  }
}
