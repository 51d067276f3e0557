package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.model.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AvailableMemoryTest {
  @TempDir private Path folder;

  private void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }

  private OptionalLong bytes() {
    return AvailableMemory.bytes(folder.resolve("meminfo"), folder);
  }

  @Test
  void theSmallerOneOfMachineAndContainerCounts() throws IOException {
    assertThat(bytes()).isEmpty();

    write("meminfo", "MemTotal:  100000 kB\nMemFree:  10 kB\nMemAvailable:    8 kB\n");
    assertThat(bytes()).hasValue(8192);

    write("memory.max", "10000\n");
    write("memory.current", "9000\n");
    write("memory.stat", "anon 1\ninactive_file 500\nactive_file 7\n");
    assertThat(bytes()).hasValue(1507);

    write("memory.max", "max\n");
    assertThat(bytes()).hasValue(8192);
  }

  @Test
  void aModelThatCannotFitIsRefused() {
    AvailableMemory.check("m", 5 << 20, OptionalLong.of(5 << 20));
    AvailableMemory.check("m", 5 << 20, OptionalLong.empty());

    assertThatThrownBy(() -> AvailableMemory.check("m", 6 << 20, OptionalLong.of(5 << 20)))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageStartingWith(
            "The model m has 6 MiB, and the TaskManager's machine or container has 5 MiB of memory left");
  }
}
