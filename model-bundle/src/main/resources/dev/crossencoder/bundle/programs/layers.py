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

  # Queries, keys and values of layer i: x [T, hidden] to [T, 3, heads, head_size].
  def qkv(self: __torch__.layers.Layers, i: int, x: Tensor) -> Tensor:
    return torch.linear(x, self.qkv_weight[i], self.qkv_bias[i]).view([x.size(0), 3, self.num_heads, x.size(1) // self.num_heads])

  # Queries alone: [n, hidden] to [n, heads, head_size].
  def query(self: __torch__.layers.Layers, i: int, x: Tensor) -> Tensor:
    hidden = x.size(1)
    weight = torch.slice(self.qkv_weight[i], 0, 0, hidden)
    bias = torch.slice(self.qkv_bias[i], 0, 0, hidden)
    return torch.linear(x, weight, bias).view([x.size(0), self.num_heads, hidden // self.num_heads])

  # Keys and values alone: [T, hidden] to [T, 2, heads, head_size].
  def key_value(self: __torch__.layers.Layers, i: int, x: Tensor) -> Tensor:
    hidden = x.size(1)
    weight = torch.slice(self.qkv_weight[i], 0, hidden, 3 * hidden)
    bias = torch.slice(self.qkv_bias[i], 0, hidden, 3 * hidden)
    return torch.linear(x, weight, bias).view([x.size(0), 2, self.num_heads, hidden // self.num_heads])

  # What follows attention: x [m, hidden] is the layer's input, attended [m, hidden] what attention made of it.
  def finish(self: __torch__.layers.Layers, i: int, x: Tensor, attended: Tensor) -> Tensor:
    hidden = x.size(1)
    projected = torch.linear(attended, self.attention_output_weight[i], self.attention_output_bias[i])
    x = torch.layer_norm(x + projected, [hidden], self.attention_norm_weight[i], self.attention_norm_bias[i], self.layer_norm_eps)
    intermediate = __torch__.functions.activation(torch.linear(x, self.intermediate_weight[i], self.intermediate_bias[i]), self.hidden_act)
    output = torch.linear(intermediate, self.output_weight[i], self.output_bias[i])
    return torch.layer_norm(x + output, [hidden], self.output_norm_weight[i], self.output_norm_bias[i], self.layer_norm_eps)

  # All layers with plain attention: x [T, hidden] to the first token of each sequence, [n, hidden]. A classifier
  # reads nothing else of the last layer, so that computes keys and values for every token but queries, attention
  # output and feed-forward for n first tokens only. Both that and packing are exact.
  def first_tokens(self: __torch__.layers.Layers, x: Tensor, offsets: Tensor) -> Tensor:
    starts = __torch__.functions.starts(offsets)
    last = self.num_layers - 1
    for i in range(last):
      attended = __torch__.functions.attention(self.qkv(i, x), starts)
      x = self.finish(i, x, attended)
    first = __torch__.functions.first_tokens(x, offsets)
    mixed = __torch__.functions.first_attention(self.query(last, first), self.key_value(last, x), starts, x.size(0))
    return self.finish(last, first, mixed)
