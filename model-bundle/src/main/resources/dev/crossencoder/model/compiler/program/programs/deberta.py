# DeBERTa for sequence classification, v1 and v2/v3, over a packed batch. What differs between the versions is folded
# into the weights when a checkpoint is compiled: position_keys and position_queries are the projections of the
# relative positions, which no input changes.
#
#   input_ids, token_type_ids, position_ids   [T]      the tokens of n sequences, one after the other
#   offsets                                   [n + 1]  where each sequence starts; the last is T
#   returns logits                            [n, num_labels], float32
#
# Attention is disentangled (https://arxiv.org/abs/2006.03654, equation 4): the score between tokens i and j is
#   query_i . key_j  +  query_i . position_key[d]  +  key_j . position_query[d]
# with d the row that stands for the distance i - j. Queries and position queries are scaled by scale.
class CrossEncoder(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  scale : float
  embeddings : __torch__.embeddings.Embeddings
  layers : __torch__.layers.Layers
  rows : List[int]
  position_keys : List[Tensor]
  position_queries : List[Tensor]
  conv_weight : List[Tensor]
  conv_bias : List[Tensor]
  conv_norm_weight : List[Tensor]
  conv_norm_bias : List[Tensor]
  conv_norm_eps : float
  conv_groups : int
  conv_act : str
  pooler_weight : Tensor
  pooler_bias : Tensor
  pooler_act : str
  classifier_weight : Tensor
  classifier_bias : Tensor

  # Lays the weights out for the CPU's fastest kernels.
  def prepare(self: __torch__.CrossEncoder) -> int:
    self.layers.prepare_for_one_token()
    return 0

  # The rows of position_keys and position_queries for the distances -(length - 1) to length - 1; rows has them for
  # -(P - 1) to P - 1.
  def distances(self: __torch__.CrossEncoder, length: int, x: Tensor) -> Tensor:
    middle = torch.len(self.rows) // 2
    return torch.tensor(torch.slice(self.rows, middle - length + 1, middle + length), dtype=4, device=x.device)

  # What the distances between the tokens of one sequence add to the scores: q, k [heads, length, head_size]; keys
  # and queries [heads, 2 * length - 1, head_size] by distance, keys from the largest down, queries from the smallest
  # up. Each product has a column per distance, from which a strided view takes the one of tokens i and j:
  # [heads, length, length].
  def position_scores(self: __torch__.CrossEncoder, q: Tensor, k: Tensor, keys: List[Tensor], queries: List[Tensor]) -> Tensor:
    heads = q.size(0)
    length = q.size(1)
    columns = 2 * length - 1
    scores = annotate(List[Tensor], [])
    if torch.len(keys) > 0:
      c2p = torch.bmm(q, keys[0].transpose(1, 2))
      scores.append(torch.as_strided(c2p, [heads, length, length], [length * columns, columns - 1, 1], length - 1))
    if torch.len(queries) > 0:
      p2c = torch.bmm(k, queries[0].transpose(1, 2))
      scores.append(torch.as_strided(p2c, [heads, length, length], [length * columns, 1, columns - 1], length - 1))
    total = scores[0]
    if torch.len(scores) > 1:
      total = total + scores[1]
    return total

  # The rows for a sequence of some length among those for the longest: by distance, in either order.
  def window(self: __torch__.CrossEncoder, table: List[Tensor], length: int) -> List[Tensor]:
    windows = annotate(List[Tensor], [])
    if torch.len(table) > 0:
      longest = (table[0].size(1) + 1) // 2
      windows.append(torch.slice(table[0], 1, longest - length, longest + length - 1))
    return windows

  # Layer i: x [T, hidden] to [T, hidden].
  def layer(self: __torch__.CrossEncoder, i: int, x: Tensor, starts: List[int], rows: Tensor) -> Tensor:
    qkv = self.layers.qkv(i, x)
    attended = __torch__.functions.attended(qkv, qkv.size(2), qkv.size(3), starts)
    keys = annotate(List[Tensor], [])
    queries = annotate(List[Tensor], [])
    if torch.len(self.position_keys) > 0:
      keys.append(torch.index_select(self.position_keys[i], 1, torch.flip(rows, [0])))
    if torch.len(self.position_queries) > 0:
      queries.append(torch.index_select(self.position_queries[i], 1, rows))
    for j in range(torch.len(starts) - 1):
      # [3, heads, length, head_size]
      sequence = torch.slice(qkv, 0, starts[j], starts[j + 1]).permute([1, 2, 0, 3])
      q = sequence[0] * self.scale
      k = sequence[1]
      length = q.size(1)
      if torch.len(keys) + torch.len(queries) > 0:
        bias = self.position_scores(q, k, self.window(keys, length), self.window(queries, length)).unsqueeze(0)
        mixed = torch.scaled_dot_product_attention(q.unsqueeze(0), k.unsqueeze(0), sequence[2].unsqueeze(0), bias, scale=1.)
      else:
        mixed = torch.scaled_dot_product_attention(q.unsqueeze(0), k.unsqueeze(0), sequence[2].unsqueeze(0), scale=1.)
      _0 = torch.copy_(torch.slice(attended, 0, starts[j], starts[j + 1]), mixed.squeeze(0).transpose(0, 1))
    return self.layers.finish(i, x, attended.view([x.size(0), x.size(1)]))

  # The last layer, for the first token of each sequence: x [T, hidden] to [n, hidden].
  def last_layer(self: __torch__.CrossEncoder, i: int, x: Tensor, offsets: Tensor, starts: List[int], rows: Tensor) -> Tensor:
    first = __torch__.functions.first_tokens(x, offsets)
    query = self.layers.last_query(first) * self.scale
    kv = self.layers.last_key_value(x)
    # The first token is at or before every other: distances 0, -1, …
    ahead = torch.flip(torch.slice(rows, 0, 0, (rows.size(0) + 1) // 2), [0])
    # [heads, longest, head_size]
    keys = annotate(List[Tensor], [])
    queries = annotate(List[Tensor], [])
    if torch.len(self.position_keys) > 0:
      keys.append(torch.index_select(self.position_keys[i], 1, ahead))
    if torch.len(self.position_queries) > 0:
      queries.append(torch.index_select(self.position_queries[i], 1, ahead))
    attended = annotate(List[Tensor], [])
    for j in range(torch.len(starts) - 1):
      # [2, heads, length, head_size]
      sequence = torch.slice(kv, 0, starts[j], starts[j + 1]).permute([1, 2, 0, 3])
      k = sequence[0]
      # [heads, 1, head_size]
      q = query[j].unsqueeze(1)
      scores = torch.bmm(q, k.transpose(1, 2))
      if torch.len(keys) > 0:
        scores = scores + torch.bmm(q, torch.slice(keys[0], 1, 0, k.size(1)).transpose(1, 2))
      if torch.len(queries) > 0:
        scores = scores + torch.sum(k * torch.slice(queries[0], 1, 0, k.size(1)), [2]).unsqueeze(1)
      attended.append(torch.bmm(torch.softmax(scores, -1), sequence[1]).reshape([1, x.size(1)]))
    return self.layers.finish(i, first, torch.cat(attended, 0))

  # The convolution beside the first layer: its input x and output y, [T, hidden], to [T, hidden].
  def convolve(self: __torch__.CrossEncoder, x: Tensor, y: Tensor, starts: List[int]) -> Tensor:
    weight = self.conv_weight[0]
    convolved = annotate(List[Tensor], [])
    for j in range(torch.len(starts) - 1):
      sequence = torch.slice(x, 0, starts[j], starts[j + 1]).transpose(0, 1).unsqueeze(0)
      out = torch.conv1d(sequence, weight, self.conv_bias[0], [1], [weight.size(2) // 2], [1], self.conv_groups)
      convolved.append(out.squeeze(0).transpose(0, 1))
    convolved.append(torch.slice(x, 0, starts[-1]))
    sum = y + __torch__.functions.activation(torch.cat(convolved, 0), self.conv_act)
    return torch.layer_norm(sum, [x.size(1)], self.conv_norm_weight[0], self.conv_norm_bias[0], self.conv_norm_eps)

  def encode(self: __torch__.CrossEncoder, x: Tensor, offsets: Tensor) -> Tensor:
    starts = __torch__.functions.starts(offsets)
    longest = 0
    for j in range(torch.len(starts) - 1):
      longest = ops.prim.max(longest, starts[j + 1] - starts[j])
    rows = self.distances(longest, x)
    last = self.layers.num_layers - 1
    # The convolution reads the neighbours of the first token, too.
    whole = last
    if last == 0 and torch.len(self.conv_weight) > 0:
      whole = 1
    for i in range(whole):
      y = self.layer(i, x, starts, rows)
      if i == 0 and torch.len(self.conv_weight) > 0:
        y = self.convolve(x, y, starts)
      x = y
    if whole > last:
      first = __torch__.functions.first_tokens(x, offsets)
    else:
      first = self.last_layer(last, x, offsets, starts, rows)
    return first

  def forward(self: __torch__.CrossEncoder, input_ids: Tensor, token_type_ids: Tensor, position_ids: Tensor, offsets: Tensor) -> Tensor:
    first = self.encode(self.embeddings.embed(input_ids, token_type_ids, position_ids), offsets)
    pooled = __torch__.functions.activation(torch.linear(first, self.pooler_weight, self.pooler_bias), self.pooler_act)
    return torch.to(torch.linear(pooled, self.classifier_weight, self.classifier_bias), 6)
