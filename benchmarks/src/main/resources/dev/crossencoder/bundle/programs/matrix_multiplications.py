# The matrix multiplications of a BERT-like classifier's forward pass over a packed batch, and nothing else: no
# embeddings, norms, activations, softmax, residuals or copies. Every product is an operand of the next, or part of the
# result: TorchScript leaves out what nobody reads.
#
#   input_ids, position_ids                   not used
#   token_type_ids                            [1]      which part: 0 linear layers, 1 attention, 2 a large square
#   offsets                                   [n + 1]  where each sequence starts; the last is T
class CrossEncoder(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  num_layers : int
  tokens : Tensor
  heads : Tensor
  square : Tensor
  qkv_weight : List[Tensor]
  qkv_bias : List[Tensor]
  attention_output_weight : List[Tensor]
  attention_output_bias : List[Tensor]
  intermediate_weight : List[Tensor]
  intermediate_bias : List[Tensor]
  output_weight : List[Tensor]
  output_bias : List[Tensor]

  # What follows attention: [m, hidden] to [m, hidden].
  def finish(self: __torch__.CrossEncoder, i: int, attended: Tensor) -> Tensor:
    projected = torch.linear(attended, self.attention_output_weight[i], self.attention_output_bias[i])
    intermediate = torch.linear(projected, self.intermediate_weight[i], self.intermediate_bias[i])
    return torch.linear(intermediate, self.output_weight[i], self.output_bias[i])

  # All tokens in all layers but the last, which reads all for keys and values, and n first tokens for all else.
  def linear_layers(self: __torch__.CrossEncoder, tokens: int, n: int) -> Tensor:
    last = self.num_layers - 1
    x = torch.slice(self.tokens, 0, 0, tokens)
    hidden = x.size(1)
    for i in range(last):
      qkv = torch.linear(x, self.qkv_weight[i], self.qkv_bias[i])
      x = self.finish(i, torch.slice(qkv, 1, 0, hidden))
    weight = self.qkv_weight[last]
    bias = self.qkv_bias[last]
    query = torch.linear(torch.slice(x, 0, 0, n), torch.slice(weight, 0, 0, hidden), torch.slice(bias, 0, 0, hidden))
    kv = torch.linear(x, torch.slice(weight, 0, hidden, 3 * hidden), torch.slice(bias, 0, hidden, 3 * hidden))
    first = self.finish(last, query)
    # The head's hidden layer has the shape of attention's output.
    y = torch.linear(first, self.attention_output_weight[last], self.attention_output_bias[last])
    return y + torch.slice(torch.slice(kv, 1, 0, hidden), 0, 0, n)

  # Queries by keys, and their mix of values, for each sequence: [heads, length, head_size].
  def attention(self: __torch__.CrossEncoder, starts: List[int]) -> Tensor:
    firsts = annotate(List[Tensor], [])
    for i in range(self.num_layers):
      for j in range(torch.len(starts) - 1):
        length = starts[j + 1] - starts[j]
        x = torch.slice(self.heads, 1, 0, length)
        queries = x
        if i == self.num_layers - 1:
          queries = torch.slice(x, 1, 0, 1)
        mixed = torch.bmm(torch.bmm(queries, torch.transpose(x, 1, 2)), x)
        firsts.append(torch.select(mixed, 1, 0))
    # [layers * n, heads, head_size]
    return torch.flatten(torch.slice(torch.stack(firsts, 0), 0, 0, torch.len(starts) - 1), 1)

  def forward(self: __torch__.CrossEncoder, input_ids: Tensor, token_type_ids: Tensor, position_ids: Tensor, offsets: Tensor) -> Tensor:
    starts = annotate(List[int], offsets.tolist())
    n = torch.len(starts) - 1
    part = annotate(List[int], token_type_ids.tolist())[0]
    if part == 0:
      y = self.linear_layers(starts[n], n)
    elif part == 1:
      y = self.attention(starts)
    else:
      y = torch.slice(torch.linear(self.square, self.square), 0, 0, n)
    return torch.slice(y, 1, 0, 1)
