# Attention in the layers of a decoder over a packed batch: of each token to itself and to those before it, and to what
# an encoder made of the same sequence. As in buckets.py, a GPU attends to buckets of sequences of similar length.

# For each bucket, what is added to the scores between the tokens of a sequence: [b, 1, L, L], 0 for a token and those
# before it, minus infinity for later ones and for padding. Padding sees all tokens and no padding, as the sequence's
# last token does, whose copy it is: so it comes to the same result.
def causal_masks(x: Tensor, buckets: List[__torch__.buckets.Bucket]) -> List[Tensor]:
  masks = annotate(List[Tensor], [])
  for i in range(torch.len(buckets)):
    length = buckets[i].rows.size(1)
    later = torch.triu(torch.new_full(x, [length, length], float("-inf")), 1)
    masks.append(buckets[i].mask + later)
  return masks

# Attention of each token to itself and to those before it in its sequence: qkv [T, 3, heads, head_size] to
# [T, hidden], zero after the last sequence.
def causal_attention(qkv: Tensor, starts: List[int], buckets: List[__torch__.buckets.Bucket], masks: List[Tensor]) -> Tensor:
  if torch.len(buckets) == 0:
    attended = __torch__.functions.attended(qkv, qkv.size(2), qkv.size(3), starts)
    for j in range(torch.len(starts) - 1):
      # [3, 1, heads, length, head_size]
      sequence = torch.slice(qkv, 0, starts[j], starts[j + 1]).permute([1, 2, 0, 3]).unsqueeze(1)
      mixed = torch.scaled_dot_product_attention(sequence[0], sequence[1], sequence[2], None, 0., True)
      _0 = torch.copy_(torch.slice(attended, 0, starts[j], starts[j + 1]), mixed.squeeze(0).transpose(0, 1))
  else:
    attended = torch.new_zeros(qkv, [qkv.size(0), qkv.size(2), qkv.size(3)])
    for i in range(torch.len(buckets)):
      # [3, b, heads, L, head_size]
      sequences = __torch__.buckets.gather(qkv, buckets[i].rows)
      mixed = torch.scaled_dot_product_attention(sequences[0], sequences[1], sequences[2], masks[i])
      _0 = torch.index_copy_(attended, 0, buckets[i].rows.flatten(), mixed.transpose(1, 2).flatten(0, 1))
  return attended.flatten(1)

# Attention of each token of a decoder to all tokens of an encoder that are of the same sequence: query
# [T, heads, head_size] and kv [T, 2, heads, head_size] to [T, hidden], zero after the last sequence.
def cross_attention(query: Tensor, kv: Tensor, starts: List[int], buckets: List[__torch__.buckets.Bucket]) -> Tensor:
  if torch.len(buckets) == 0:
    attended = __torch__.functions.attended(query, query.size(1), query.size(2), starts)
    for j in range(torch.len(starts) - 1):
      # [1, heads, length, head_size] and [2, 1, heads, length, head_size]
      queries = torch.slice(query, 0, starts[j], starts[j + 1]).transpose(0, 1).unsqueeze(0)
      sequence = torch.slice(kv, 0, starts[j], starts[j + 1]).permute([1, 2, 0, 3]).unsqueeze(1)
      mixed = torch.scaled_dot_product_attention(queries, sequence[0], sequence[1])
      _0 = torch.copy_(torch.slice(attended, 0, starts[j], starts[j + 1]), mixed.squeeze(0).transpose(0, 1))
  else:
    attended = torch.new_zeros(query, [query.size(0), query.size(1), query.size(2)])
    for i in range(torch.len(buckets)):
      bucket = buckets[i]
      # [1, b, heads, L, head_size] and [2, b, heads, L, head_size]
      queries = __torch__.buckets.gather(query.unsqueeze(1), bucket.rows)
      sequences = __torch__.buckets.gather(kv, bucket.rows)
      mixed = torch.scaled_dot_product_attention(queries[0], sequences[0], sequences[1], bucket.mask)
      _0 = torch.index_copy_(attended, 0, bucket.rows.flatten(), mixed.transpose(1, 2).flatten(0, 1))
  return attended.flatten(1)
