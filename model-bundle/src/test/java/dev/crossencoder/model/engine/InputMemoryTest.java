package dev.crossencoder.model.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InputMemoryTest {
  private static final int PASSES = 300;

  @TempDir private Path folder;

  @Test
  void arraysLieOneAfterTheOtherInTheProcessorsOrder() {
    List<ByteBuffer> copies = InputMemory.copy(List.of(new long[] {1, 1L << 40}, new long[] {-3}));

    assertThat(copies).hasSize(2).allMatch(ByteBuffer::isDirect);
    assertThat(copies.get(0).asLongBuffer().get(1)).isEqualTo(1L << 40);
    assertThat(copies.get(1).asLongBuffer().get(0)).isEqualTo(-3);
    assertThat(copies).extracting(ByteBuffer::capacity).containsExactly(16, 8);
  }

  @Test
  void aSmallerBatchTakesTheMemoryOfALargerOne() {
    InputMemory.copy(List.of(new long[1000]));
    long before = direct().getMemoryUsed();

    for (int i = 1; i <= 1000; i++) {
      InputMemory.copy(List.of(new long[i]));
    }

    assertThat(direct().getMemoryUsed()).isEqualTo(before);
  }

  /** Buffers of passes that are over would be counted until a garbage collection. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void passesTakeNoMoreMemoryThanTheFirst(Engine engine) throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    Bundle bundle =
        BundleBuilder.fromCheckpoint(checkpoint).engine(engine).build(folder.resolve("bundle"));
    try (CrossEncoder model = CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT)) {
      List<EncodedPair> batch = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        batch.add(model.encode(new TextPair("who wrote it?", "the book was by it.")));
      }
      model.scoreBatch(batch, 1);
      long before = direct().getMemoryUsed();

      List<Long> used = new ArrayList<>();
      for (int i = 0; i < PASSES; i++) {
        model.scoreBatch(batch, 1);
        used.add(direct().getMemoryUsed());
      }

      assertThat(used).allMatch(bytes -> bytes <= before);
    }
  }

  private static BufferPoolMXBean direct() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .findFirst()
        .orElseThrow();
  }
}
