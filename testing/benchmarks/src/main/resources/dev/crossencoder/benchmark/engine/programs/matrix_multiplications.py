# The matrix multiplications of a BERT-like classifier's forward pass over a packed batch, and nothing else: no
# embeddings, norms, activations, softmax, residuals or copies. Every product is an operand of the next, or part of the
# result: TorchScript leaves out what nobody reads.
#
#   input_ids                                 [rows]   as many as a forward pass computes; else not used
#   token_type_ids                            [rows]   which part: 0 linear layers, 1 attention, 2 a large square
#   position_ids                              [rows]   not used
#   offsets                                   [n + 1]  where each sequence starts; the last is T
class CrossEncoder(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  num_layers : int
  tokens : Tensor
  heads : Tensor
  square : Tensor
  square_weight : Tensor
  square_bias : Tensor
  qkv_weight : List[Tensor]
  qkv_bias : List[Tensor]
  attention_output_weight : List[Tensor]
  attention_output_bias : List[Tensor]
  intermediate_weight : List[Tensor]
  intermediate_bias : List[Tensor]
  output_weight : List[Tensor]
  output_bias : List[Tensor]
  last_weights : List[Tensor]

  # As the model does.
  def prepare(self: __torch__.CrossEncoder) -> int:
    last = self.qkv_weight[-1]
    query = torch.contiguous(torch.slice(last, 0, 0, last.size(1)))
    self.last_weights = __torch__.kernels.all_prepared([query])
    self.qkv_weight = torch.slice(__torch__.kernels.all_prepared(self.qkv_weight), 0, self.num_layers - 1) + [last]
    self.attention_output_weight = __torch__.kernels.all_prepared(self.attention_output_weight)
    self.intermediate_weight = __torch__.kernels.all_prepared(self.intermediate_weight)
    self.output_weight = __torch__.kernels.all_prepared(self.output_weight)
    self.square_weight = __torch__.kernels.prepared(self.square_weight)
    return 0

  # What follows attention: [m, hidden] to [m, hidden].
  def finish(self: __torch__.CrossEncoder, i: int, attended: Tensor) -> Tensor:
    projected = __torch__.kernels.linear(attended, self.attention_output_weight[i], self.attention_output_bias[i])
    intermediate = __torch__.kernels.linear(projected, self.intermediate_weight[i], self.intermediate_bias[i])
    return __torch__.kernels.linear(intermediate, self.output_weight[i], self.output_bias[i])

  # All tokens in all layers but the last, which has n first tokens.
  def linear_layers(self: __torch__.CrossEncoder, tokens: int, n: int) -> Tensor:
    last = self.num_layers - 1
    x = torch.slice(self.tokens, 0, 0, tokens)
    hidden = x.size(1)
    for i in range(last):
      qkv = __torch__.kernels.linear(x, self.qkv_weight[i], self.qkv_bias[i])
      x = self.finish(i, torch.slice(qkv, 1, 0, hidden))
    if torch.len(self.last_weights) > 0:
      query_weight = self.last_weights[0]
    else:
      query_weight = torch.slice(self.qkv_weight[last], 0, 0, hidden)
    query = __torch__.kernels.linear(torch.slice(x, 0, 0, n), query_weight, torch.slice(self.qkv_bias[last], 0, 0, hidden))
    first = self.finish(last, query)
    # The head's hidden layer has the shape of attention's output.
    return __torch__.kernels.linear(first, self.attention_output_weight[last], self.attention_output_bias[last])

  # Queries by keys, and their mix of values, for each sequence: [heads, length, head_size]. In the last layer, queries by
  # the weights of keys, these products by the tokens, and their mix by the weights of values.
  def attention(self: __torch__.CrossEncoder, starts: List[int]) -> Tensor:
    n = torch.len(starts) - 1
    heads = self.heads.size(0)
    head_size = self.heads.size(2)
    hidden = self.tokens.size(1)
    weight = self.qkv_weight[self.num_layers - 1]
    key_weight = torch.slice(weight, 0, hidden, 2 * hidden).view([heads, head_size, hidden])
    value_weight = torch.slice(weight, 0, 2 * hidden).view([heads, head_size, hidden])
    probes = torch.bmm(torch.slice(self.heads, 1, 0, n), key_weight).transpose(0, 1)
    firsts = annotate(List[Tensor], [])
    means = annotate(List[Tensor], [])
    for j in range(n):
      length = starts[j + 1] - starts[j]
      x = torch.slice(self.heads, 1, 0, length)
      for i in range(self.num_layers - 1):
        mixed = torch.bmm(torch.bmm(x, torch.transpose(x, 1, 2)), x)
        # [1, heads, head_size]
        firsts.append(torch.slice(mixed, 1, 0, 1).transpose(0, 1))
      tokens = torch.slice(self.tokens, 0, 0, length)
      means.append(torch.mm(torch.mm(probes[j], tokens.transpose(0, 1)), tokens))
    # [n, heads, head_size]
    values = torch.bmm(torch.stack(means, 1), value_weight.transpose(1, 2)).transpose(0, 1)
    return torch.flatten(torch.slice(torch.cat([values] + firsts, 0), 0, 0, n), 1)

  def forward(self: __torch__.CrossEncoder, input_ids: Tensor, token_type_ids: Tensor, position_ids: Tensor, offsets: Tensor) -> Tensor:
    starts = annotate(List[int], offsets.tolist())
    n = torch.len(starts) - 1
    part = annotate(List[int], token_type_ids.tolist())[0]
    if part == 0:
      y = self.linear_layers(input_ids.size(0), n)
    elif part == 1:
      y = self.attention(starts)
    else:
      y = torch.slice(__torch__.kernels.linear(self.square, self.square_weight, self.square_bias), 0, 0, n)
    return torch.slice(y, 1, 0, 1)
