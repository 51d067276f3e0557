# ModernBERT for sequence classification over a packed batch: rotary positions, layers that attend to everything
# between layers that attend to a window, gated feed-forward, norms before each sub-layer.
#
#   input_ids, token_type_ids, position_ids   [T]      the tokens of n sequences, one after the other
#   offsets                                   [n + 1]  where each sequence starts; the last is T
#   returns logits                            [n, num_labels], float32
class CrossEncoder(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  num_heads : int
  norm_eps : float
  hidden_act : str
  window : int
  layer_is_global : List[int]
  global_rope_theta : float
  local_rope_theta : float
  word_embeddings : Tensor
  embeddings_norm_weight : Tensor
  embeddings_norm_bias : Tensor
  attention_norm_weight : List[Tensor]
  attention_norm_bias : List[Tensor]
  qkv_weight : List[Tensor]
  qkv_bias : List[Tensor]
  attention_output_weight : List[Tensor]
  attention_output_bias : List[Tensor]
  mlp_norm_weight : List[Tensor]
  mlp_norm_bias : List[Tensor]
  input_weight : List[Tensor]
  input_bias : List[Tensor]
  output_weight : List[Tensor]
  output_bias : List[Tensor]
  final_norm_weight : Tensor
  final_norm_bias : Tensor
  mean_pooling : bool
  dense_weight : Tensor
  dense_bias : Tensor
  classifier_act : str
  head_norm_eps : float
  head_norm_weight : Tensor
  head_norm_bias : Tensor
  classifier_weight : Tensor
  classifier_bias : Tensor
  last_weights : List[Tensor]

  # Lays the weights out for the CPU's fastest kernels. Of the last layer's queries, keys and values, queries go apart,
  # in last_weights: [query, key_value].
  def prepare(self: __torch__.CrossEncoder) -> int:
    self.last_weights = __torch__.kernels.query_and_key_value(self.qkv_weight[-1])
    self.qkv_weight = __torch__.kernels.all_prepared(self.qkv_weight)
    self.attention_output_weight = __torch__.kernels.all_prepared(self.attention_output_weight)
    self.input_weight = __torch__.kernels.all_prepared(self.input_weight)
    self.output_weight = __torch__.kernels.all_prepared(self.output_weight)
    return 0

  def norm(self: __torch__.CrossEncoder, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.layer_norm(x, [x.size(1)], weight, bias, self.norm_eps)

  # The first layer's input is normal already.
  def attention_input(self: __torch__.CrossEncoder, i: int, x: Tensor) -> Tensor:
    if i > 0:
      x = self.norm(x, self.attention_norm_weight[i - 1], self.attention_norm_bias[i - 1])
    return x

  # Cosines and sines of the angles of each position, [2, T, 1, head_size].
  def rotary(self: __torch__.CrossEncoder, position_ids: Tensor, theta: float, head_size: int, like: Tensor) -> Tensor:
    exponents = torch.div(torch.to(torch.arange(0, head_size, 2, dtype=4, device=like.device), 6), head_size)
    frequencies = torch.reciprocal(torch.pow(theta, exponents))
    angles = torch.mul(torch.to(position_ids, 6).unsqueeze(1), frequencies.unsqueeze(0))
    angles = torch.cat([angles, angles], 1).unsqueeze(1)
    return torch.type_as(torch.stack([torch.cos(angles), torch.sin(angles)], 0), like)

  # Turns x [T, m, heads, head_size] by the angles of its positions.
  def rotate(self: __torch__.CrossEncoder, x: Tensor, rotary: Tensor) -> Tensor:
    half = x.size(3) // 2
    turned = torch.cat([torch.neg(torch.slice(x, 3, half)), torch.slice(x, 3, 0, half)], 3)
    return x * rotary[0].unsqueeze(1) + turned * rotary[1].unsqueeze(1)

  # Attention within a window of tokens to either side: qkv [T, 3, heads, head_size] to [T, hidden]. Queries go in
  # chunks, each to the keys that any of it can see, so that long sequences take no mask of their whole square.
  def local_attention(self: __torch__.CrossEncoder, qkv: Tensor, starts: List[int]) -> Tensor:
    attended = __torch__.functions.attended(qkv, qkv.size(2), qkv.size(3), starts)
    chunk = 128
    for j in range(torch.len(starts) - 1):
      # [3, 1, heads, length, head_size]
      sequence = torch.slice(qkv, 0, starts[j], starts[j + 1]).permute([1, 2, 0, 3]).unsqueeze(1)
      length = starts[j + 1] - starts[j]
      for c in range((length + chunk - 1) // chunk):
        begin = c * chunk
        end = ops.prim.min(begin + chunk, length)
        first_key = ops.prim.max(begin - self.window, 0)
        last_key = ops.prim.min(end + self.window, length)
        query_positions = torch.arange(begin, end, dtype=4, device=qkv.device).unsqueeze(1)
        key_positions = torch.arange(first_key, last_key, dtype=4, device=qkv.device).unsqueeze(0)
        visible = torch.le(torch.abs(query_positions - key_positions), self.window)
        q = torch.slice(sequence[0], 2, begin, end)
        k = torch.slice(sequence[1], 2, first_key, last_key)
        v = torch.slice(sequence[2], 2, first_key, last_key)
        mixed = torch.scaled_dot_product_attention(q, k, v, visible)
        _0 = torch.copy_(torch.slice(attended, 0, starts[j] + begin, starts[j] + end), mixed.squeeze(0).transpose(0, 1))
    return attended.view([qkv.size(0), qkv.size(2) * qkv.size(3)])

  # The part of layer i that follows attention.
  def finish(self: __torch__.CrossEncoder, i: int, x: Tensor, attended: Tensor) -> Tensor:
    x = x + __torch__.kernels.linear(attended, self.attention_output_weight[i], self.attention_output_bias[i])
    inner = self.norm(x, self.mlp_norm_weight[i], self.mlp_norm_bias[i])
    inner = __torch__.kernels.linear(inner, self.input_weight[i], self.input_bias[i])
    width = inner.size(1) // 2
    gated = __torch__.functions.activation(torch.slice(inner, 1, 0, width), self.hidden_act) * torch.slice(inner, 1, width)
    return x + __torch__.kernels.linear(gated, self.output_weight[i], self.output_bias[i])

  # Layer i: x [T, hidden] to [T, hidden].
  def layer(self: __torch__.CrossEncoder, i: int, x: Tensor, starts: List[int], buckets: List[__torch__.buckets.Bucket], rotary: Tensor) -> Tensor:
    head_size = x.size(1) // self.num_heads
    qkv = __torch__.kernels.linear(self.attention_input(i, x), self.qkv_weight[i], self.qkv_bias[i]).view([x.size(0), 3, self.num_heads, head_size])
    qk = self.rotate(torch.slice(qkv, 1, 0, 2), rotary)
    qkv = torch.cat([qk, torch.slice(qkv, 1, 2)], 1)
    if self.layer_is_global[i] == 1:
      attended = __torch__.buckets.attention(qkv, starts, buckets)
    else:
      attended = self.local_attention(qkv, starts)
    return self.finish(i, x, attended)

  # The last layer, for the first token of each sequence: x [T, hidden] to [n, hidden].
  def last_layer(self: __torch__.CrossEncoder, i: int, x: Tensor, offsets: Tensor, starts: List[int], buckets: List[__torch__.buckets.Bucket], rotary: Tensor) -> Tensor:
    hidden = x.size(1)
    head_size = hidden // self.num_heads
    inner = self.attention_input(i, x)
    if torch.len(self.last_weights) > 0:
      query_weight = self.last_weights[0]
      key_value_weight = self.last_weights[1]
    else:
      query_weight = torch.slice(self.qkv_weight[i], 0, 0, hidden)
      key_value_weight = torch.slice(self.qkv_weight[i], 0, hidden)
    bias = self.qkv_bias[i]
    # The first token is at position 0, where rotation changes nothing.
    first = __torch__.functions.first_tokens(inner, offsets)
    query = __torch__.kernels.linear(first, query_weight, torch.slice(bias, 0, 0, hidden)).view([first.size(0), self.num_heads, head_size])
    kv = __torch__.kernels.linear(inner, key_value_weight, torch.slice(bias, 0, hidden)).view([x.size(0), 2, self.num_heads, head_size])
    kv = torch.cat([self.rotate(torch.slice(kv, 1, 0, 1), rotary), torch.slice(kv, 1, 1)], 1)
    reach = x.size(0)
    if self.layer_is_global[i] == 0:
      reach = self.window + 1
    attended = __torch__.buckets.first_attention(query, kv, starts, reach, buckets)
    return self.finish(i, __torch__.functions.first_tokens(x, offsets), attended)

  # The mean of each sequence's tokens: x [T, hidden] to [n, hidden].
  def mean(self: __torch__.CrossEncoder, x: Tensor, starts: List[int]) -> Tensor:
    means = annotate(List[Tensor], [])
    for j in range(torch.len(starts) - 1):
      means.append(torch.mean(torch.slice(x, 0, starts[j], starts[j + 1]), [0], True))
    return torch.cat(means, 0)

  def forward(self: __torch__.CrossEncoder, input_ids: Tensor, token_type_ids: Tensor, position_ids: Tensor, offsets: Tensor) -> Tensor:
    starts = __torch__.functions.starts(offsets)
    x = torch.embedding(self.word_embeddings, input_ids)
    x = self.norm(x, self.embeddings_norm_weight, self.embeddings_norm_bias)
    head_size = x.size(1) // self.num_heads
    buckets = __torch__.buckets.of(x, offsets, starts)
    global_rotary = self.rotary(position_ids, self.global_rope_theta, head_size, x)
    local_rotary = self.rotary(position_ids, self.local_rope_theta, head_size, x)
    last = torch.len(self.layer_is_global) - 1
    for i in range(last):
      if self.layer_is_global[i] == 1:
        x = self.layer(i, x, starts, buckets, global_rotary)
      else:
        x = self.layer(i, x, starts, buckets, local_rotary)
    if self.layer_is_global[last] == 1:
      last_rotary = global_rotary
    else:
      last_rotary = local_rotary
    if self.mean_pooling:
      x = self.layer(last, x, starts, buckets, last_rotary)
      pooled = self.mean(self.norm(x, self.final_norm_weight, self.final_norm_bias), starts)
    else:
      x = self.last_layer(last, x, offsets, starts, buckets, last_rotary)
      pooled = self.norm(x, self.final_norm_weight, self.final_norm_bias)
    head = torch.linear(pooled, self.dense_weight, self.dense_bias)
    if self.classifier_act != "identity":
      head = __torch__.functions.activation(head, self.classifier_act)
    head = torch.layer_norm(head, [head.size(1)], self.head_norm_weight, self.head_norm_bias, self.head_norm_eps)
    return torch.to(torch.linear(head, self.classifier_weight, self.classifier_bias), 6)
