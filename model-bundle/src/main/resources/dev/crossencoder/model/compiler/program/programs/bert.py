# BERT for sequence classification (BERT, MiniLM, TinyBERT) over a packed batch: no padding anywhere.
#
#   input_ids, token_type_ids, position_ids   [T]      the tokens of n sequences, one after the other
#   offsets                                   [n + 1]  where each sequence starts; the last is T
#   returns logits                            [n, num_labels], float32
class CrossEncoder(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  embeddings : __torch__.embeddings.Embeddings
  layers : __torch__.layers.Layers
  pooler_weight : Tensor
  pooler_bias : Tensor
  classifier_weight : Tensor
  classifier_bias : Tensor

  # Lays the weights out for the CPU's fastest kernels.
  def prepare(self: __torch__.CrossEncoder) -> int:
    self.layers.prepare_for_first_tokens()
    return 0

  def forward(self: __torch__.CrossEncoder, input_ids: Tensor, token_type_ids: Tensor, position_ids: Tensor, offsets: Tensor) -> Tensor:
    first = self.layers.first_tokens(self.embeddings.embed(input_ids, token_type_ids, position_ids), offsets)
    pooled = torch.tanh(torch.linear(first, self.pooler_weight, self.pooler_bias))
    return torch.to(torch.linear(pooled, self.classifier_weight, self.classifier_bias), 6)
