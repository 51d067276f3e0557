package dev.crossencoder.model.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * From 1.29 on, ONNX Runtime as it is published reports to Microsoft from Linux and macOS as soon
 * as it is loaded, unless an environment variable says no, which a JVM cannot set for itself. What
 * it reads for that also ends processes with long command lines, as Flink's are.
 */
class OnnxTelemetryTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "linux-x64/libonnxruntime.so",
        "linux-aarch64/libonnxruntime.so",
        "osx-aarch64/libonnxruntime.dylib"
      })
  void theNativeLibraryKnowsNobodyToReportTo(String library) throws IOException {
    byte[] content = read("/ai/onnxruntime/native/" + library);

    String text = new String(content, StandardCharsets.ISO_8859_1);
    assertThat(text.contains("OrtGetApiBase")).as("strings can be read in %s", library).isTrue();
    assertThat(text.contains("OneCollector")).as("a collector's address in %s", library).isFalse();
    assertThat(text.contains("events.data.microsoft.com"))
        .as("a collector's host in %s", library)
        .isFalse();
  }

  private static byte[] read(String resource) throws IOException {
    try (InputStream input = OrtEnvironment.class.getResourceAsStream(resource)) {
      assertThat(input).as(resource).isNotNull();
      return input.readAllBytes();
    }
  }
}
