package dev.crossencoder.model.compiler.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.testing.TestSafetensors;
import dev.crossencoder.model.testing.TestSafetensors.Tensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {
  private static final long FORMAT_LIMIT = 100_000_000;

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("model.safetensors");
  }

  @ParameterizedTest
  @EnumSource(TensorType.class)
  void everyWeightTypeIsReadToTheExactFloats(TensorType type) throws IOException {
    float[] values = {0f, -0f, 1f, -2.5f, 0.015625f, 3.984375f};
    TestSafetensors.write(file, Map.of("weight", Tensor.of(type, List.of(2, 3), values)));

    assertThat(read("weight", 2, 3)).containsExactly(values);
  }

  @ParameterizedTest
  @EnumSource(TensorType.class)
  void aTensorLargerThanTheReadBufferIsReadWhole(TensorType type) throws IOException {
    float[] values = new float[100_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 255 / 64f;
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("before", Tensor.of(type, List.of(1), 7f));
    tensors.put("weight", Tensor.of(type, List.of(values.length), values));
    tensors.put("after", Tensor.of(type, List.of(1), 9f));
    TestSafetensors.write(file, tensors);

    assertThat(read("weight", values.length)).containsExactly(values);
  }

  @Test
  void metadataIsNoTensorAndScalarsAndEmptyTensorsAreTensors() throws IOException {
    TestSafetensors.write(
        file,
        """
        {"__metadata__": {"format": "pt"},
         "scalar": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]},
         "empty": {"dtype": "F32", "shape": [0, 5], "data_offsets": [4, 4]}}
        """,
        new byte[4]);

    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      assertThat(tensors.names()).containsExactly("scalar", "empty");
    }
  }

  @Test
  void aTensorOfATypeThatNoWeightHasMayBeThere() throws IOException {
    TestSafetensors.write(
        file, Map.of("position_ids", new Tensor("I64", List.of(1, 2), new byte[16])));

    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      assertThat(tensors.entry("position_ids").dtype()).isEqualTo("I64");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, 0, 1, 19, 100_000_001, 1L << 40, Long.MAX_VALUE})
  void aHeaderLengthThatLiesIsRefused(long claimed) throws IOException {
    TestSafetensors.writeRaw(file, claimed, ascii("{}"), new byte[16]);

    assertRefused(
        "its header claims %s bytes, the file has 18 after the length and the format allows %d"
            .formatted(Long.toUnsignedString(claimed), FORMAT_LIMIT));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7})
  void aFileThatEndsWithinTheHeaderLengthIsRefused(int size) throws IOException {
    Files.write(file, new byte[size]);

    assertRefused("it has %d bytes, fewer than the header's length takes".formatted(size));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"weight\": ", "junk", "{}{}", "{\"a\": NaN}"})
  void aHeaderThatIsNoJsonIsRefused(String header) throws IOException {
    TestSafetensors.write(file, header, new byte[0]);

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> SafetensorsFile.open(file))
        .withMessageStartingWith("Cannot read %s, it is not valid JSON: ".formatted(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "42", "null", "\"weight\"", "   "})
  void aHeaderThatIsNoObjectIsRefused(String header) throws IOException {
    TestSafetensors.write(file, header, new byte[0]);

    assertRefused("it is not a JSON object");
  }

  @Test
  void aHeaderNestedDeeplyIsRefused() throws IOException {
    TestSafetensors.write(file, "{\"a\":" + "[".repeat(1_000_000), new byte[0]);

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> SafetensorsFile.open(file))
        .withMessageStartingWith(
            "Cannot read %s, it is not valid JSON: Document nesting".formatted(file));
  }

  @Test
  void twoTensorsOfOneNameAreRefused() throws IOException {
    String entry = "{\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}";
    TestSafetensors.write(file, "{\"w\": %s, \"w\": %s}".formatted(entry, entry), new byte[4]);

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> SafetensorsFile.open(file))
        .withMessage(
            "Cannot read %s, it is not valid JSON: Duplicate field 'w' (line 1)".formatted(file));
  }

  static Stream<Arguments> entriesThatLie() {
    String lacks = "tensor w lacks dtype, shape or the two data_offsets";
    return Stream.of(
        Arguments.of("[]", lacks),
        Arguments.of("{\"shape\": [2], \"data_offsets\": [0, 8]}", lacks),
        Arguments.of("{\"dtype\": 32, \"shape\": [2], \"data_offsets\": [0, 8]}", lacks),
        Arguments.of("{\"dtype\": \"F32\", \"data_offsets\": [0, 8]}", lacks),
        Arguments.of("{\"dtype\": \"F32\", \"shape\": [2]}", lacks),
        Arguments.of("{\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0]}", lacks),
        Arguments.of("{\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 4, 8]}", lacks),
        Arguments.of(f32("[-2]", "[0, 8]"), "tensor w has the dimension -2"),
        Arguments.of(f32("[2.0]", "[0, 8]"), "tensor w has the dimension 2.0"),
        Arguments.of(f32("[null]", "[0, 8]"), "tensor w has the dimension null"),
        Arguments.of(f32("[4294967298]", "[0, 8]"), "tensor w has the dimension 4294967298"),
        Arguments.of(
            f32("[1, 1, 1, 1, 1, 1, 1, 1, 2]", "[0, 8]"),
            "tensor w has 9 dimensions, at most 8 are supported"),
        Arguments.of(f32("[2]", "[\"0\", \"8\"]"), "tensor w has the data_offsets [\"0\",\"8\"]"),
        Arguments.of(f32("[2]", "[0, 8.0]"), "tensor w has the data_offsets [0,8.0]"),
        Arguments.of(
            f32("[2]", "[0, 9223372036854775808]"),
            "tensor w has the data_offsets [0,9223372036854775808]"),
        Arguments.of(f32("[2]", "[8, 0]"), claims(8, 0)),
        Arguments.of(f32("[2]", "[-8, 0]"), claims(-8, 0)),
        Arguments.of(f32("[2]", "[4, 12]"), claims(4, 12)),
        Arguments.of(f32("[4]", "[0, 16]"), claims(0, 16)),
        Arguments.of(f32("[2]", "[0, 9223372036854775807]"), claims(0, Long.MAX_VALUE)),
        Arguments.of(f32("[3]", "[0, 8]"), span("[3]", "F32", 12)),
        Arguments.of(f32("[2, 0]", "[0, 8]"), span("[2, 0]", "F32", 0)),
        Arguments.of(f32("[]", "[0, 8]"), span("[]", "F32", 4)),
        Arguments.of(
            "{\"dtype\": \"BF16\", \"shape\": [2], \"data_offsets\": [0, 8]}",
            span("[2]", "BF16", 4)),
        Arguments.of(f32("[2147483647]", "[0, 8]"), span("[2147483647]", "F32", 8589934588L)),
        Arguments.of(
            f32("[2147483647, 2147483647, 2]", "[0, 8]"),
            "tensor w of shape [2147483647, 2147483647, 2] is too large"),
        Arguments.of(
            f32("[1]", "[0, 4]"), "its tensors end at byte 4 of the data, which has 8 bytes"));
  }

  @ParameterizedTest
  @MethodSource("entriesThatLie")
  void aTensorThatContradictsTheFormatOrTheFileIsRefused(String entry, String reason)
      throws IOException {
    TestSafetensors.write(file, "{\"w\": %s}".formatted(entry), new byte[8]);

    assertRefused(reason);
  }

  @Test
  void tensorsThatOverlapAreRefused() throws IOException {
    TestSafetensors.write(
        file,
        "{\"a\": %s, \"b\": %s}".formatted(f32("[2]", "[0, 8]"), f32("[2]", "[4, 12]")),
        new byte[12]);

    assertRefused("tensor b claims bytes 4 to 12, expected a start at 8 and an end by 12");
  }

  @Test
  void aHoleBetweenTensorsIsRefused() throws IOException {
    TestSafetensors.write(
        file,
        "{\"b\": %s, \"a\": %s}".formatted(f32("[1]", "[8, 12]"), f32("[1]", "[0, 4]")),
        new byte[12]);

    assertRefused("tensor b claims bytes 8 to 12, expected a start at 4 and an end by 12");
  }

  @Test
  void aTruncatedFileIsRefused() throws IOException {
    TestSafetensors.write(file, Map.of("w", Tensor.of(TensorType.F32, List.of(4), 1, 2, 3, 4)));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));

    assertRefused("tensor w claims bytes 0 to 16, expected a start at 0 and an end by 15");
  }

  @Test
  void aLyingFileCostsNoMemory() throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    TestSafetensors.writeRaw(file, 99_000_000, ascii("{}"), new byte[16]);
    Path other = folder.resolve("other.safetensors");
    TestSafetensors.write(
        other, "{\"w\": %s}".formatted(f32("[2147483647]", "[0, 8589934588]")), new byte[8]);
    long before = threads.getCurrentThreadAllocatedBytes();

    for (Path lying : List.of(file, other)) {
      assertThatExceptionOfType(InvalidModelException.class)
          .isThrownBy(() -> SafetensorsFile.open(lying))
          .withMessageStartingWith("Cannot read %s, ".formatted(lying));
    }

    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(20_000_000);
  }

  private void assertRefused(String reason) {
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> SafetensorsFile.open(file))
        .withMessage("Cannot read %s, %s.".formatted(file, reason));
  }

  private static String f32(String shape, String offsets) {
    return "{\"dtype\": \"F32\", \"shape\": %s, \"data_offsets\": %s}".formatted(shape, offsets);
  }

  private static String claims(long begin, long end) {
    return "tensor w claims bytes %d to %d, expected a start at 0 and an end by 8"
        .formatted(begin, end);
  }

  private static String span(String shape, String type, long needed) {
    return "tensor w of shape %s and type %s needs %d bytes, its data_offsets span 8"
        .formatted(shape, type, needed);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private float[] read(String name, Integer... shape) throws IOException {
    try (CheckpointTensors tensors = CheckpointTensors.open(file.getParent())) {
      return tensors.get(name, shape).toArray();
    }
  }
}
