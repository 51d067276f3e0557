package dev.crossencoder.faults.agent;

import ai.onnxruntime.OrtException;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.TextPair;
import java.util.List;
import net.bytebuddy.asm.Advice;

/** Code that is copied into instrumented methods. It may only use public classes and methods. */
final class HookAdvice {
  private HookAdvice() {}

  /** Of {@code PairEncoder.encode}. */
  static final class Encode {
    private Encode() {}

    @Advice.OnMethodExit
    static void exit(@Advice.Argument(0) TextPair pair, @Advice.Return EncodedPair encoded) {
      Hooks.encoded(pair, encoded);
    }
  }

  /** Of {@code PackedBatch.of}. */
  static final class Pack {
    private Pack() {}

    @Advice.OnMethodExit
    static void exit(@Advice.Argument(0) List<?> pairs, @Advice.Return Object batch) {
      Hooks.packed(pairs, batch);
    }
  }

  /** Of {@code PackedBatch.part}. */
  static final class Part {
    private Part() {}

    @Advice.OnMethodExit
    static void exit(
        @Advice.This Object batch,
        @Advice.Argument(0) int first,
        @Advice.Argument(1) int end,
        @Advice.Return Object part) {
      Hooks.parted(batch, first, end, part);
    }
  }

  /** Of an engine's {@code forward}. */
  static final class Pass {
    private Pass() {}

    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(0) Object batch) {
      Hooks.passBegins(batch);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class)
    static void exit(@Advice.Return float[][] logits) {
      Hooks.passEnds(logits);
    }
  }

  /** Of {@code PtSymbolBlock.forwardInternal}. */
  static final class Torch {
    private Torch() {}

    @Advice.OnMethodEnter
    static void enter() {
      Hooks.torchBegins();
    }
  }

  /** Of {@code KafkaCommitter.commit}. */
  static final class Commit {
    private Commit() {}

    @Advice.OnMethodEnter
    static void enter() {
      Hooks.commitBegins();
    }
  }

  /** Of {@code OrtSession.run}. */
  static final class OnnxRuntime {
    private OnnxRuntime() {}

    @Advice.OnMethodEnter
    static void enter() throws OrtException {
      Hooks.onnxRuntimeBegins();
    }
  }
}
