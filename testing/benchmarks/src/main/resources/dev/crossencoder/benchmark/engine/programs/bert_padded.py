# BERT for sequence classification as it is conventionally run: every sequence padded to the batch's longest.
#
#   input_ids, token_type_ids, attention_mask   [B * S]  row by row; the mask is 1 for a token and 0 for padding
#   offsets                                     [B + 1]  where each row starts: 0, S, 2 * S, …
#   returns logits                              [B, num_labels]
#
# The yardstick of bert.py, with its embeddings and layers and the same care: one fused projection for query, key and
# value, one fused attention kernel a layer. What differs is what padding costs.
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
    self.layers.prepare()
    return 0

  # x [B * S, hidden], mask [B, 1, 1, S]
  def layer(self: __torch__.CrossEncoder, i: int, x: Tensor, mask: Tensor) -> Tensor:
    qkv = self.layers.qkv(i, x)
    # [3, B, heads, S, head_size]
    qkv = qkv.view([mask.size(0), mask.size(3), 3, qkv.size(2), qkv.size(3)]).permute([2, 0, 3, 1, 4])
    attended = torch.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], mask).transpose(1, 2).reshape([x.size(0), x.size(1)])
    return self.layers.finish(i, x, attended)

  def forward(self: __torch__.CrossEncoder, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor, offsets: Tensor) -> Tensor:
    pairs = offsets.size(0) - 1
    length = input_ids.size(0) // pairs
    position_ids = torch.arange(length, dtype=4, device=input_ids.device).unsqueeze(0).expand([pairs, length]).reshape([-1])
    x = self.embeddings.embed(input_ids, token_type_ids, position_ids)
    mask = torch.ne(attention_mask.view([pairs, 1, 1, length]), 0)
    for i in range(self.layers.num_layers):
      x = self.layer(i, x, mask)
    first = __torch__.functions.first_tokens(x, offsets)
    pooled = torch.tanh(torch.linear(first, self.pooler_weight, self.pooler_bias))
    return torch.linear(pooled, self.classifier_weight, self.classifier_bias)
