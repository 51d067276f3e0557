package dev.crossencoder.bundle;

import dev.crossencoder.bundle.EncoderParts.Sizes;
import java.util.Map;

/** BERT, and all that are BERTs of another size: MiniLM, TinyBERT. */
final class BertArchitecture implements Architecture {
  @Override
  public String name() {
    return "bert";
  }

  @Override
  public String headClass() {
    return "BertForSequenceClassification";
  }

  @Override
  public String prefix() {
    return "bert.";
  }

  @Override
  public Map<String, Integer> defaults() {
    return Sizes.defaults(30_522, 12, 768, 12, 3072);
  }

  @Override
  public OnnxWriter onnxWriter() {
    return new OnnxHead("pooler", "tanh", "classifier");
  }

  @Override
  public ScriptModule module(CheckpointConfig config, CheckpointTensors tensors) {
    Sizes sizes = Sizes.of(config);
    int hidden = sizes.hidden();
    EncoderParts parts = new EncoderParts(config, tensors);
    ScriptModule module = parts.bert(this, sizes, hidden);
    parts.linear(module, "pooler", prefix() + "pooler.dense", hidden, hidden);
    parts.linear(module, "classifier", "classifier", config.labels().size(), hidden);
    return module;
  }
}
