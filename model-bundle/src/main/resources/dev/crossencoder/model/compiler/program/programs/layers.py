# The layers of an encoder that normalises after each residual connection: BERT, RoBERTa, ELECTRA, DistilBERT and,
# with an attention of their own, the DeBERTas.
class Layers(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  num_layers : int
  num_heads : int
  layer_norm_eps : float
  hidden_act : str
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
  last_weights : List[Tensor]

  # Lays the weights out for the CPU's fastest kernels, if all layers are for all tokens.
  def prepare(self: __torch__.layers.Layers) -> NoneType:
    self.qkv_weight = __torch__.kernels.all_prepared(self.qkv_weight)
    self.attention_output_weight = __torch__.kernels.all_prepared(self.attention_output_weight)
    self.intermediate_weight = __torch__.kernels.all_prepared(self.intermediate_weight)
    self.output_weight = __torch__.kernels.all_prepared(self.output_weight)
    return None

  # The same, if first_tokens computes the last layer: keys and values stay as they are, and the weight of queries goes apart,
  # in last_weights.
  def prepare_for_first_tokens(self: __torch__.layers.Layers) -> NoneType:
    last = self.qkv_weight[-1]
    query = torch.contiguous(torch.slice(last, 0, 0, last.size(1)))
    self.prepare()
    self.last_weights = __torch__.kernels.all_prepared([query])
    self.qkv_weight = torch.slice(self.qkv_weight, 0, self.num_layers - 1) + [last]
    return None

  # The same, if last_query and last_key_value compute the last layer: last_weights is [query, key_value].
  def prepare_for_one_token(self: __torch__.layers.Layers) -> NoneType:
    self.last_weights = __torch__.kernels.query_and_key_value(self.qkv_weight[-1])
    self.prepare()
    return None

  # Queries, keys and values of layer i: x [T, hidden] to [T, 3, heads, head_size].
  def qkv(self: __torch__.layers.Layers, i: int, x: Tensor) -> Tensor:
    return __torch__.kernels.linear(x, self.qkv_weight[i], self.qkv_bias[i]).view([x.size(0), 3, self.num_heads, x.size(1) // self.num_heads])

  # Queries of the last layer alone: [n, hidden] to [n, heads, head_size].
  def last_query(self: __torch__.layers.Layers, x: Tensor) -> Tensor:
    last = self.num_layers - 1
    hidden = x.size(1)
    if torch.len(self.last_weights) > 0:
      weight = self.last_weights[0]
    else:
      weight = torch.slice(self.qkv_weight[last], 0, 0, hidden)
    bias = torch.slice(self.qkv_bias[last], 0, 0, hidden)
    return __torch__.kernels.linear(x, weight, bias).view([x.size(0), self.num_heads, hidden // self.num_heads])

  # Keys and values of the last layer alone: [T, hidden] to [T, 2, heads, head_size].
  def last_key_value(self: __torch__.layers.Layers, x: Tensor) -> Tensor:
    last = self.num_layers - 1
    hidden = x.size(1)
    if torch.len(self.last_weights) > 1:
      weight = self.last_weights[1]
    else:
      weight = torch.slice(self.qkv_weight[last], 0, hidden, 3 * hidden)
    bias = torch.slice(self.qkv_bias[last], 0, hidden, 3 * hidden)
    return __torch__.kernels.linear(x, weight, bias).view([x.size(0), 2, self.num_heads, hidden // self.num_heads])

  # What follows attention: x [m, hidden] is the layer's input, attended [m, hidden] what attention made of it.
  def finish(self: __torch__.layers.Layers, i: int, x: Tensor, attended: Tensor) -> Tensor:
    hidden = x.size(1)
    projected = __torch__.kernels.linear(attended, self.attention_output_weight[i], self.attention_output_bias[i])
    x = torch.layer_norm(torch.add_(projected, x), [hidden], self.attention_norm_weight[i], self.attention_norm_bias[i], self.layer_norm_eps)
    intermediate = __torch__.kernels.linear_activation(x, self.intermediate_weight[i], self.intermediate_bias[i], self.hidden_act)
    output = __torch__.kernels.linear(intermediate, self.output_weight[i], self.output_bias[i])
    return torch.layer_norm(torch.add_(output, x), [hidden], self.output_norm_weight[i], self.output_norm_bias[i], self.layer_norm_eps)

  # Attention of each sequence's first token in the last layer: first [n, hidden] of x [T, hidden] to [n, hidden]. On a
  # GPU it goes by buckets, which need keys and values; half precision would round what replaces these.
  def last_attention(self: __torch__.layers.Layers, first: Tensor, x: Tensor, starts: List[int], buckets: List[__torch__.buckets.Bucket]) -> Tensor:
    query = self.last_query(first)
    if torch.len(buckets) == 0 and ops.prim.dtype(x) == 6:
      hidden = x.size(1)
      weight = self.qkv_weight[self.num_layers - 1]
      value_bias = torch.slice(self.qkv_bias[self.num_layers - 1], 0, 2 * hidden)
      mixed = __torch__.functions.input_attention(query, x, torch.slice(weight, 0, hidden, 2 * hidden), torch.slice(weight, 0, 2 * hidden), value_bias, starts)
    else:
      mixed = __torch__.buckets.first_attention(query, self.last_key_value(x), starts, x.size(0), buckets)
    return mixed

  # All layers with plain attention: x [T, hidden] to the first token of each sequence, [n, hidden]. A classifier
  # reads nothing else of the last layer, so that is computed for n first tokens only. Both that and packing are exact.
  def first_tokens(self: __torch__.layers.Layers, x: Tensor, offsets: Tensor) -> Tensor:
    starts = __torch__.functions.starts(offsets)
    buckets = __torch__.buckets.of(x, offsets, starts)
    last = self.num_layers - 1
    for i in range(last):
      attended = __torch__.buckets.attention(self.qkv(i, x), starts, buckets)
      x = self.finish(i, x, attended)
    first = __torch__.functions.first_tokens(x, offsets)
    return self.finish(last, first, self.last_attention(first, x, starts, buckets))
