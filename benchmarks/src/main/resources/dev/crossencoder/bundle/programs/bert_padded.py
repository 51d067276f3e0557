# BERT for sequence classification as it is conventionally run: every sequence padded to the batch's longest.
#
#   input_ids, token_type_ids, attention_mask   [B * S]  row by row; the mask is 1 for a token and 0 for padding
#   offsets                                     [B + 1]  where each row starts: 0, S, 2 * S, …
#   returns logits                              [B, num_labels]
#
# The yardstick of bert.py, with the same attributes and the same care: one fused projection for query, key and value,
# one fused attention kernel a layer. What differs is what padding costs.
class CrossEncoder(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  num_layers : int
  num_heads : int
  layer_norm_eps : float
  word_embeddings : Tensor
  position_embeddings : Tensor
  token_type_embeddings : Tensor
  embeddings_norm_weight : Tensor
  embeddings_norm_bias : Tensor
  qkv_weight : List[Tensor]
  qkv_bias : List[Tensor]
  attention_output_weight : List[Tensor]
  attention_output_bias : List[Tensor]
  attention_norm_weight : List[Tensor]
  attention_norm_bias : List[Tensor]
  intermediate_weight : List[Tensor]
  intermediate_bias : List[Tensor]
  output_weight : List[Tensor]
  output_bias : List[Tensor]
  output_norm_weight : List[Tensor]
  output_norm_bias : List[Tensor]
  pooler_weight : Tensor
  pooler_bias : Tensor
  classifier_weight : Tensor
  classifier_bias : Tensor

  def embed(self: __torch__.CrossEncoder, input_ids: Tensor, token_type_ids: Tensor) -> Tensor:
    words = torch.embedding(self.word_embeddings, input_ids)
    types = torch.embedding(self.token_type_embeddings, token_type_ids)
    positions = torch.slice(self.position_embeddings, 0, 0, input_ids.size(1))
    hidden = self.word_embeddings.size(1)
    return torch.layer_norm(words + types + positions, [hidden], self.embeddings_norm_weight, self.embeddings_norm_bias, self.layer_norm_eps)

  # x [B, S, hidden], mask [B, 1, 1, S]
  def layer(self: __torch__.CrossEncoder, i: int, x: Tensor, mask: Tensor) -> Tensor:
    pairs = x.size(0)
    length = x.size(1)
    hidden = x.size(2)
    head_size = hidden // self.num_heads
    # [3, B, heads, S, head_size]
    qkv = torch.linear(x, self.qkv_weight[i], self.qkv_bias[i]).view([pairs, length, 3, self.num_heads, head_size]).permute([2, 0, 3, 1, 4])
    attended = torch.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], mask).transpose(1, 2).reshape([pairs, length, hidden])
    projected = torch.linear(attended, self.attention_output_weight[i], self.attention_output_bias[i])
    x = torch.layer_norm(x + projected, [hidden], self.attention_norm_weight[i], self.attention_norm_bias[i], self.layer_norm_eps)
    intermediate = torch.gelu(torch.linear(x, self.intermediate_weight[i], self.intermediate_bias[i]))
    output = torch.linear(intermediate, self.output_weight[i], self.output_bias[i])
    return torch.layer_norm(x + output, [hidden], self.output_norm_weight[i], self.output_norm_bias[i], self.layer_norm_eps)

  def forward(self: __torch__.CrossEncoder, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor, offsets: Tensor) -> Tensor:
    pairs = offsets.size(0) - 1
    x = self.embed(input_ids.view([pairs, -1]), token_type_ids.view([pairs, -1]))
    mask = torch.ne(attention_mask.view([pairs, 1, 1, -1]), 0)
    for i in range(self.num_layers):
      x = self.layer(i, x, mask)
    pooled = torch.tanh(torch.linear(torch.select(x, 1, 0), self.pooler_weight, self.pooler_bias))
    return torch.linear(pooled, self.classifier_weight, self.classifier_bias)
