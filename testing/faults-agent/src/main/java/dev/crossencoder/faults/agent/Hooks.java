package dev.crossencoder.faults.agent;

import ai.djl.engine.EngineException;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import dev.crossencoder.faults.agent.EngineFaults.Kind;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.TextPair;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;

/**
 * The methods that instrumented code calls. A mark follows its pair from the tokenizer through
 * batches and their parts to the engine. The methods are static, because the calls are in other
 * classes. Thread-safe; called by tokenizer and scoring threads.
 */
public final class Hooks {
  private static final String TORCH_MEMORY =
      "[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 1099511627776 bytes. Error code 12 (Cannot allocate memory)";
  private static final String ORT_MEMORY =
      "Non-zero status code returned while running MatMul node. Name:'injected' Status Message: bfc_arena.cc:359 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for requested buffer of size 1099511627776";

  private static final Duration COMMIT_POLL = Duration.ofMillis(20);

  /** Keys are compared by identity: neither class overrides {@code equals}. */
  private static final Map<Object, List<Mark>> PAIRS =
      Collections.synchronizedMap(new WeakHashMap<>());

  private static final Map<Object, MarkedBatch> BATCHES =
      Collections.synchronizedMap(new WeakHashMap<>());

  private static final ThreadLocal<MarkedBatch> PASS = new ThreadLocal<>();

  private static volatile EngineFaults faults;

  private Hooks() {}

  static void arm(EngineFaults armed) {
    faults = armed;
  }

  /** Called after a pair was tokenized. */
  public static void encoded(TextPair pair, EncodedPair encoded) {
    List<Mark> marks =
        faults.faults().stream()
            .filter(
                fault ->
                    pair.text().contains(fault.word()) || pair.textPair().contains(fault.word()))
            .map(fault -> Mark.of(fault, pair, faults.folder()))
            .toList();
    if (!marks.isEmpty()) {
      PAIRS.put(encoded, marks);
    }
  }

  /** Called after a batch was created. */
  public static void packed(List<?> pairs, Object batch) {
    remember(
        batch,
        new MarkedBatch(
            pairs.stream().map(pair -> PAIRS.getOrDefault(pair, List.of())).toList(),
            pairs.size()));
  }

  /**
   * Called after a part of a batch was created, with the range of its pairs; the end is exclusive.
   */
  public static void parted(Object batch, int first, int end, Object part) {
    MarkedBatch whole = BATCHES.get(batch);
    if (whole != null) {
      remember(part, whole.part(first, end));
    }
  }

  private static void remember(Object batch, MarkedBatch marked) {
    if (marked.isMarked()) {
      BATCHES.put(batch, marked);
    }
  }

  /** Called at the start of a forward pass on this thread. */
  public static void passBegins(Object batch) {
    PASS.set(BATCHES.get(batch));
  }

  /**
   * Called at the end of the forward pass of this thread.
   *
   * @param logits one row per pair; null if the pass failed
   */
  public static void passEnds(float[][] logits) {
    MarkedBatch batch = PASS.get();
    PASS.remove();
    if (batch == null || logits == null) {
      return;
    }
    for (int i = 0; i < logits.length; i++) {
      for (Mark mark : batch.rows().get(i)) {
        if (mark.fault().kind() == Kind.NAN && batch.claims(mark)) {
          Arrays.fill(logits[i], Float.NaN);
        }
      }
    }
  }

  /** Called when the forward pass of this thread calls libtorch. */
  public static void torchBegins() {
    failure(TORCH_MEMORY)
        .ifPresent(
            message -> {
              throw new EngineException(message);
            });
  }

  /** Called when the forward pass of this thread calls ONNX Runtime. */
  public static void onnxRuntimeBegins() throws OrtException {
    Optional<String> failure = failure(ORT_MEMORY);
    if (failure.isPresent()) {
      throw new OrtException(OrtErrorCode.ORT_RUNTIME_EXCEPTION, failure.get());
    }
  }

  /** Called before a sink commits its transactions. */
  public static void commitBegins() {
    while (faults.holdsCommits()) {
      Stalls.sleep(COMMIT_POLL);
    }
  }

  /** Executes the faults that precede the pass. Returns the message of a failure. */
  private static Optional<String> failure(String outOfMemory) {
    MarkedBatch batch = PASS.get();
    if (batch == null) {
      return Optional.empty();
    }
    for (List<Mark> marks : batch.rows()) {
      for (Mark mark : marks) {
        Fault fault = mark.fault();
        boolean later =
            fault.kind() == Kind.NAN
                || (fault.kind() == Kind.OUT_OF_MEMORY && batch.batchPairs() == 1);
        if (later || !batch.claims(mark)) {
          continue;
        }
        switch (fault.kind()) {
          case OUT_OF_MEMORY, OUT_OF_MEMORY_ALONE -> {
            return Optional.of(outOfMemory);
          }
          case EXCEPTION -> {
            return Optional.of("Injected fault " + fault.argument());
          }
          case HANG -> Stalls.hang();
          case SLEEP -> Stalls.sleep(fault.duration());
          case CRASH -> NativeCrash.crash();
          case NAN -> throw new AssertionError("It comes after the pass.");
        }
      }
    }
    return Optional.empty();
  }
}
