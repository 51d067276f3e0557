# RoBERTa for sequence classification (RoBERTa, DistilRoBERTa, XLM-RoBERTa, CamemBERT) over a packed batch. BERT's
# encoder with positions that start after the padding id and a head without a pooler.
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
  dense_weight : Tensor
  dense_bias : Tensor
  out_proj_weight : Tensor
  out_proj_bias : Tensor

  # Lays the weights out for the CPU's fastest kernels.
  def prepare(self: __torch__.CrossEncoder) -> int:
    self.layers.prepare_for_first_tokens()
    return 0

  def forward(self: __torch__.CrossEncoder, input_ids: Tensor, token_type_ids: Tensor, position_ids: Tensor, offsets: Tensor) -> Tensor:
    first = self.layers.first_tokens(self.embeddings.embed(input_ids, token_type_ids, position_ids), offsets)
    dense = torch.tanh(torch.linear(first, self.dense_weight, self.dense_bias))
    return torch.to(torch.linear(dense, self.out_proj_weight, self.out_proj_bias), 6)
