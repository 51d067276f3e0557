package dev.crossencoder.benchmark.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.tokenizer.PairEncoder;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A model that another tool exported to ONNX, run by ONNX Runtime as in its Java guide: padded
 * batches of pairs, sorted by number of tokens.
 *
 * <p>It uses the project's own tokenizer, so that only the engine differs. Owned by one thread.
 */
public final class PaddedOnnxModel implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final PairEncoder encoder;
  private final long paddingId;

  private PaddedOnnxModel(OrtSession session, PairEncoder encoder, long paddingId) {
    this.session = session;
    this.encoder = encoder;
    this.paddingId = paddingId;
  }

  /**
   * Loads a model, with all of ONNX Runtime's graph optimisations.
   *
   * @param file the ONNX model
   * @param bundle of the same checkpoint, for its tokenizer
   * @param threads the number of intra-op threads
   */
  public static PaddedOnnxModel open(Path file, Path bundle, int threads) throws OrtException {
    BundleManifest manifest = Bundle.read(bundle).manifest();
    OrtSession session;
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      session = OrtEnvironment.getEnvironment().createSession(file.toString(), options);
    }
    return new PaddedOnnxModel(
        session,
        PairEncoder.load(bundle.resolve(Bundle.TOKENIZER), manifest.maxLength()),
        Math.max(0, manifest.positionOffset() - 1));
  }

  /**
   * Tokenizes pairs, sorts them by length and scores them in batches.
   *
   * @return the logits in the order of the pairs, one row per pair
   */
  public float[][] logits(List<TextPair> pairs, int batchPairs) throws OrtException {
    List<EncodedPair> encoded = pairs.stream().map(encoder::encode).toList();
    int[] order =
        IntStream.range(0, pairs.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> -encoded.get(i).length()))
            .mapToInt(Integer::intValue)
            .toArray();
    float[][] logits = new float[pairs.size()][];
    for (int start = 0; start < order.length; start += batchPairs) {
      int count = Math.min(batchPairs, order.length - start);
      int first = start;
      List<EncodedPair> batch =
          IntStream.range(0, count).mapToObj(i -> encoded.get(order[first + i])).toList();
      float[][] rows = forward(batch);
      for (int i = 0; i < count; i++) {
        logits[order[start + i]] = rows[i];
      }
    }
    return logits;
  }

  private float[][] forward(List<EncodedPair> batch) throws OrtException {
    int length = batch.stream().mapToInt(EncodedPair::length).max().orElseThrow();
    int cells = batch.size() * length;
    LongBuffer inputIds = LongBuffer.allocate(cells);
    LongBuffer tokenTypeIds = LongBuffer.allocate(cells);
    LongBuffer attentionMask = LongBuffer.allocate(cells);
    for (EncodedPair pair : batch) {
      for (int j = 0; j < length; j++) {
        boolean real = j < pair.length();
        inputIds.put(real ? pair.inputIds()[j] : paddingId);
        tokenTypeIds.put(real ? pair.tokenTypeIds()[j] : 0);
        attentionMask.put(real ? 1 : 0);
      }
    }
    long[] shape = {batch.size(), length};
    Set<String> names = session.getInputNames();
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      put(inputs, names, "input_ids", inputIds, shape);
      put(inputs, names, "token_type_ids", tokenTypeIds, shape);
      put(inputs, names, "attention_mask", attentionMask, shape);
      try (OrtSession.Result result = session.run(inputs)) {
        return (float[][]) result.get(0).getValue();
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  /** Models without token types have no input for them. */
  private void put(
      Map<String, OnnxTensor> inputs,
      Set<String> names,
      String name,
      LongBuffer values,
      long[] shape)
      throws OrtException {
    if (names.contains(name)) {
      inputs.put(name, OnnxTensor.createTensor(environment, values.flip(), shape));
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("Cannot free the model", e);
    } finally {
      encoder.close();
    }
  }
}
