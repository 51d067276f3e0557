# BART for sequence classification over a packed batch. An encoder reads the tokens; a decoder reads the same tokens,
# moved one place to the right, and what the encoder made of them. The classifier reads the decoder's last token, which
# is the last </s>.
#
#   input_ids, token_type_ids, position_ids   [T]      the tokens of n sequences, one after the other
#   offsets                                   [n + 1]  where each sequence starts; the last is T
#   returns logits                            [n, num_labels], float32
#
# encoder and decoder hold self-attention and feed-forward of their layers; the cross_ lists hold what decoder layers
# have between the two, the attention to the encoder's tokens.
class CrossEncoder(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  decoder_start_token_id : int
  embed_scale : float
  words : Tensor
  encoder_positions : Tensor
  encoder_norm_weight : Tensor
  encoder_norm_bias : Tensor
  decoder_positions : Tensor
  decoder_norm_weight : Tensor
  decoder_norm_bias : Tensor
  encoder : __torch__.layers.Layers
  decoder : __torch__.layers.Layers
  cross_query_weight : List[Tensor]
  cross_query_bias : List[Tensor]
  cross_key_value_weight : List[Tensor]
  cross_key_value_bias : List[Tensor]
  cross_output_weight : List[Tensor]
  cross_output_bias : List[Tensor]
  cross_norm_weight : List[Tensor]
  cross_norm_bias : List[Tensor]
  dense_weight : Tensor
  dense_bias : Tensor
  out_proj_weight : Tensor
  out_proj_bias : Tensor

  # Lays the weights out for the CPU's fastest kernels.
  def prepare(self: __torch__.CrossEncoder) -> int:
    self.encoder.prepare()
    self.decoder.prepare_for_one_token()
    self.cross_query_weight = __torch__.kernels.all_prepared(self.cross_query_weight)
    self.cross_key_value_weight = __torch__.kernels.all_prepared(self.cross_key_value_weight)
    self.cross_output_weight = __torch__.kernels.all_prepared(self.cross_output_weight)
    return 0

  # Words and positions, normalised: [T] to [T, hidden].
  def embed(self: __torch__.CrossEncoder, ids: Tensor, position_ids: Tensor, positions: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    x = torch.embedding(self.words, ids)
    if self.embed_scale != 1.:
      x = x * self.embed_scale
    x = x + torch.embedding(positions, position_ids)
    return torch.layer_norm(x, [x.size(1)], weight, bias, self.encoder.layer_norm_eps)

  # What the decoder reads: each sequence's tokens, moved one place to the right.
  def shifted(self: __torch__.CrossEncoder, input_ids: Tensor, offsets: Tensor) -> Tensor:
    firsts = torch.slice(offsets, 0, 0, offsets.size(0) - 1)
    return torch.index_fill(torch.roll(input_ids, [1], [0]), 0, firsts, self.decoder_start_token_id)

  # What follows self-attention in layer i of the decoder: y [m, hidden] is the layer's input, attended [m, hidden]
  # what attention made of it.
  def after_attention(self: __torch__.CrossEncoder, i: int, y: Tensor, attended: Tensor) -> Tensor:
    projected = __torch__.kernels.linear(attended, self.decoder.attention_output_weight[i], self.decoder.attention_output_bias[i])
    return torch.layer_norm(torch.add_(projected, y), [y.size(1)], self.decoder.attention_norm_weight[i], self.decoder.attention_norm_bias[i], self.decoder.layer_norm_eps)

  # Queries of layer i of the decoder to the encoder: y [m, hidden] to [m, heads, head_size].
  def cross_query(self: __torch__.CrossEncoder, i: int, y: Tensor) -> Tensor:
    query = __torch__.kernels.linear(y, self.cross_query_weight[i], self.cross_query_bias[i])
    return query.view([y.size(0), self.decoder.num_heads, y.size(1) // self.decoder.num_heads])

  # Keys and values of the encoder's tokens for layer i of the decoder: x [T, hidden] to [T, 2, heads, head_size].
  def cross_key_value(self: __torch__.CrossEncoder, i: int, x: Tensor) -> Tensor:
    kv = __torch__.kernels.linear(x, self.cross_key_value_weight[i], self.cross_key_value_bias[i])
    return kv.view([x.size(0), 2, self.decoder.num_heads, x.size(1) // self.decoder.num_heads])

  # What follows the attention to the encoder in layer i of the decoder: y [m, hidden] is what self-attention came to.
  def finish(self: __torch__.CrossEncoder, i: int, y: Tensor, attended: Tensor) -> Tensor:
    hidden = y.size(1)
    projected = __torch__.kernels.linear(attended, self.cross_output_weight[i], self.cross_output_bias[i])
    y = torch.layer_norm(torch.add_(projected, y), [hidden], self.cross_norm_weight[i], self.cross_norm_bias[i], self.decoder.layer_norm_eps)
    intermediate = __torch__.kernels.linear_activation(y, self.decoder.intermediate_weight[i], self.decoder.intermediate_bias[i], self.decoder.hidden_act)
    output = __torch__.kernels.linear(intermediate, self.decoder.output_weight[i], self.decoder.output_bias[i])
    return torch.layer_norm(torch.add_(output, y), [hidden], self.decoder.output_norm_weight[i], self.decoder.output_norm_bias[i], self.decoder.layer_norm_eps)

  # The decoder's layers: y [T, hidden] is its input, x [T, hidden] the encoder's output, to the last token of each
  # sequence, [n, hidden]. The last layer computes only that of its queries and of what follows them, which is exact.
  def last_tokens(self: __torch__.CrossEncoder, y: Tensor, x: Tensor, offsets: Tensor, starts: List[int], buckets: List[__torch__.buckets.Bucket]) -> Tensor:
    masks = __torch__.decoder.causal_masks(y, buckets)
    last = self.decoder.num_layers - 1
    for i in range(last):
      attended = __torch__.decoder.causal_attention(self.decoder.qkv(i, y), starts, buckets, masks)
      y = self.after_attention(i, y, attended)
      attended = __torch__.decoder.cross_attention(self.cross_query(i, y), self.cross_key_value(i, x), starts, buckets)
      y = self.finish(i, y, attended)
    # The last token sees all others, so no mask hides any.
    z = torch.index_select(y, 0, torch.slice(offsets, 0, 1) - 1)
    attended = __torch__.buckets.first_attention(self.decoder.last_query(z), self.decoder.last_key_value(y), starts, y.size(0), buckets)
    z = self.after_attention(last, z, attended)
    attended = __torch__.buckets.first_attention(self.cross_query(last, z), self.cross_key_value(last, x), starts, x.size(0), buckets)
    return self.finish(last, z, attended)

  def forward(self: __torch__.CrossEncoder, input_ids: Tensor, token_type_ids: Tensor, position_ids: Tensor, offsets: Tensor) -> Tensor:
    starts = __torch__.functions.starts(offsets)
    x = self.embed(input_ids, position_ids, self.encoder_positions, self.encoder_norm_weight, self.encoder_norm_bias)
    buckets = __torch__.buckets.of(x, offsets, starts)
    for i in range(self.encoder.num_layers):
      attended = __torch__.buckets.attention(self.encoder.qkv(i, x), starts, buckets)
      x = self.encoder.finish(i, x, attended)
    y = self.embed(self.shifted(input_ids, offsets), position_ids, self.decoder_positions, self.decoder_norm_weight, self.decoder_norm_bias)
    pooled = self.last_tokens(y, x, offsets, starts, buckets)
    dense = torch.tanh(torch.linear(pooled, self.dense_weight, self.dense_bias))
    return torch.to(torch.linear(dense, self.out_proj_weight, self.out_proj_bias), 6)
