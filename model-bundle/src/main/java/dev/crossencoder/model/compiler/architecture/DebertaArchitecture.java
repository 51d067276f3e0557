package dev.crossencoder.model.compiler.architecture;

import dev.crossencoder.model.compiler.architecture.DebertaParts.Projection;
import dev.crossencoder.model.compiler.architecture.EncoderParts.LayerNames;
import dev.crossencoder.model.compiler.architecture.EncoderParts.Sizes;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.onnx.OnnxEncoderProgram;
import dev.crossencoder.model.compiler.onnx.OnnxHead;
import dev.crossencoder.model.compiler.onnx.OnnxProgram;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * DeBERTa v1. The projections of queries, keys and values are one matrix, whose rows are ordered by
 * head. Queries and values have a bias, keys have none. Relative positions are clamped to a maximum
 * distance.
 */
final class DebertaArchitecture implements DebertaVersion {
  @Override
  public String name() {
    return "deberta";
  }

  @Override
  public String headClass() {
    return "DebertaForSequenceClassification";
  }

  @Override
  public Map<String, Integer> defaults() {
    return Sizes.defaults(50_265, 12, 768, 12, 3072);
  }

  @Override
  public OnnxProgram onnxProgram() {
    return new OnnxEncoderProgram(new OnnxHead("pooler", "pooler_act", "classifier"));
  }

  @Override
  public ProgramModule module(CheckpointConfig config, CheckpointTensors tensors) {
    config.requireIfPresent("talking_head", "false");
    Sizes sizes = Sizes.of(config);
    int hidden = sizes.hidden();
    DebertaParts deberta = new DebertaParts(config, tensors, sizes, prefix());
    LayerNames names = LayerNames.bert(prefix());
    List<TensorData> weights = new ArrayList<>();
    List<TensorData> biases = new ArrayList<>();
    for (int i = 0; i < sizes.layers(); i++) {
      TensorData byHead = tensors.get(self(i) + "in_proj.weight", 3 * hidden, hidden);
      weights.add(new ByProjection(byHead, sizes.heads()));
      biases.add(
          TensorData.concat(
              List.of(
                  tensors.get(self(i) + "q_bias", hidden),
                  TensorData.zeros(hidden),
                  tensors.get(self(i) + "v_bias", hidden))));
    }
    ProgramModule layers =
        deberta
            .parts()
            .layers(
                names, sizes, config.hiddenAct("hidden_act"), deberta.normEps(), weights, biases);
    ProgramModule module = deberta.module(layers, segments(config));
    if (deberta.relative()) {
      TensorData table =
          tensors.get(
              prefix() + "encoder.rel_embeddings.weight",
              2 * deberta.maxRelativePositions(),
              hidden);
      deberta.relativePositions(
          module,
          table,
          distance -> distance,
          i ->
              new Projection(
                  tensors.get(self(i) + "pos_proj.weight", hidden, hidden),
                  TensorData.zeros(hidden)),
          i ->
              new Projection(
                  tensors.get(self(i) + "pos_q_proj.weight", hidden, hidden),
                  tensors.get(self(i) + "pos_q_proj.bias", hidden)));
    } else {
      deberta.noRelativePositions(module);
    }
    deberta.noConvolution(module);
    return module;
  }

  private String self(int layer) {
    return prefix() + "encoder.layer." + layer + ".attention.self.";
  }

  /**
   * Reorders the rows of the joint projection: from query, key and value of head 0, of head 1 and
   * so on, to the queries of all heads, then all keys, then all values.
   */
  private record ByProjection(TensorData byHead, int heads) implements TensorData {
    private static final int PROJECTIONS = 3;

    @Override
    public List<Integer> shape() {
      return byHead.shape();
    }

    @Override
    public void readTo(Sink sink) throws IOException {
      float[] from = byHead.toArray();
      float[] to = new float[from.length];
      int part = from.length / (PROJECTIONS * heads);
      for (int head = 0; head < heads; head++) {
        for (int projection = 0; projection < PROJECTIONS; projection++) {
          int source = (head * PROJECTIONS + projection) * part;
          int target = (projection * heads + head) * part;
          System.arraycopy(from, source, to, target, part);
        }
      }
      sink.accept(to, to.length);
    }
  }
}
