# Functions over a packed batch: the tokens of n sequences one after the other, without padding. Sequence j is
# tokens starts[j] to starts[j + 1]. The T rows may go on after the last sequence, to be of a number that kernels have
# seen before; nothing is read of those.

# The activation functions that configurations name as hidden_act and the like.
def activation(x: Tensor, name: str) -> Tensor:
  if name == "gelu":
    y = torch.gelu(x)
  elif name == "gelu_new" or name == "gelu_pytorch_tanh":
    y = torch.gelu(x, approximate="tanh")
  elif name == "relu":
    y = torch.relu(x)
  elif name == "silu":
    y = torch.silu(x)
  else:
    y = torch.tanh(x)
  return y

# Where each sequence starts, as numbers: offsets [n + 1] as a list.
def starts(offsets: Tensor) -> List[int]:
  return annotate(List[int], offsets.tolist())

# The first token of each sequence: x [T, hidden] to [n, hidden].
def first_tokens(x: Tensor, offsets: Tensor) -> Tensor:
  return torch.index_select(x, 0, torch.slice(offsets, 0, 0, offsets.size(0) - 1))

# What attention to sequences fills, for tokens x [T, …]: [T, heads, head_size], zero after the last sequence.
def attended(x: Tensor, heads: int, head_size: int, starts: List[int]) -> Tensor:
  rows = torch.new_empty(x, [x.size(0), heads, head_size])
  _0 = torch.zero_(torch.slice(rows, 0, starts[-1]))
  return rows

# Attention of each sequence to itself: qkv [T, 3, heads, head_size] to [T, hidden].
def attention(qkv: Tensor, starts: List[int]) -> Tensor:
  attended = __torch__.functions.attended(qkv, qkv.size(2), qkv.size(3), starts)
  for j in range(torch.len(starts) - 1):
    # [3, 1, heads, length, head_size]
    sequence = torch.slice(qkv, 0, starts[j], starts[j + 1]).permute([1, 2, 0, 3]).unsqueeze(1)
    mixed = torch.scaled_dot_product_attention(sequence[0], sequence[1], sequence[2])
    _0 = torch.copy_(torch.slice(attended, 0, starts[j], starts[j + 1]), mixed.squeeze(0).transpose(0, 1))
  return attended.view([qkv.size(0), qkv.size(2) * qkv.size(3)])

# Attention of one token of each sequence to all tokens of the sequence, from these tokens x [T, hidden] themselves
# instead of their keys and values: query [n, heads, head_size] to [n, hidden]. A score q . (K x + k) is (K' q) . x plus
# q . k, which is the same for all tokens, so that softmax ignores it; and the mean of V x + v is V times the mean of x,
# plus v. This is exact, and needs 2 * heads * hidden products for each token of x where keys and values need
# 2 * hidden * hidden. The weights K and V are [hidden, hidden], as in checkpoints.
def input_attention(query: Tensor, x: Tensor, key_weight: Tensor, value_weight: Tensor, value_bias: Tensor, starts: List[int]) -> Tensor:
  n = query.size(0)
  heads = query.size(1)
  head_size = query.size(2)
  hidden = x.size(1)
  scaled = query.transpose(0, 1) * torch.pow(float(head_size), -0.5)
  # [n, heads, hidden]
  probes = torch.bmm(scaled, key_weight.view([heads, head_size, hidden])).transpose(0, 1)
  means = annotate(List[Tensor], [])
  for j in range(n):
    sequence = torch.slice(x, 0, starts[j], starts[j + 1])
    shares = torch.softmax(torch.mm(probes[j], sequence.transpose(0, 1)), -1)
    means.append(torch.mm(shares, sequence))
  # [heads, n, head_size]
  values = torch.bmm(torch.stack(means, 1), value_weight.view([heads, head_size, hidden]).transpose(1, 2))
  return values.transpose(0, 1).reshape([n, heads * head_size]) + value_bias

# Attention of each sequence's first token to the sequence's first tokens, at most `reach` of them: query
# [n, heads, head_size] and kv [T, 2, heads, head_size] to [n, hidden].
def first_attention(query: Tensor, kv: Tensor, starts: List[int], reach: int) -> Tensor:
  attended = annotate(List[Tensor], [])
  for j in range(torch.len(starts) - 1):
    # [2, heads, length, head_size]
    end = ops.prim.min(starts[j + 1], starts[j] + reach)
    sequence = torch.slice(kv, 0, starts[j], end).permute([1, 2, 0, 3])
    mixed = torch.scaled_dot_product_attention(query[j].unsqueeze(1).unsqueeze(0), sequence[0].unsqueeze(0), sequence[1].unsqueeze(0))
    attended.append(mixed.reshape([1, query.size(1) * query.size(2)]))
  return torch.cat(attended, 0)
