# Attention to the sequences of a packed batch on a GPU. One sequence after the other, as functions.py has it, would be
# hundreds of kernels too small to fill a GPU. So sequences of similar length are a bucket: they are padded to one length
# and attended to at once. Padding repeats a sequence's last token; as no token attends to padding, it comes to the same
# result as that token and may be written over it. Linear layers have the packed tokens as ever.
#
#   members  [b]           which sequences are in it
#   rows     [b, L]        the token at each place, the sequence's last one where that has ended
#   mask     [b, 1, 1, L]  0 for tokens, minus infinity for padding
class Bucket(NamedTuple):
  members : Tensor
  rows : Tensor
  mask : Tensor

# Whether sequences go into buckets.
def wanted(x: Tensor) -> bool:
  return ops.prim.is_cuda(x)

# What a length is padded to: a multiple of 32, above 128 of 64, above 256 of 128 and so on. That makes eight buckets
# up to 512 tokens, and rows of masks that are aligned as the fused kernels want them.
def padded(length: int) -> int:
  step = 32
  while step * 4 < length:
    step = step * 2
  return (length + step - 1) // step * step

# The buckets for all layers of a forward pass over tokens x [T, …]; none where each sequence is attended to by itself.
def of(x: Tensor, offsets: Tensor, starts: List[int]) -> List[__torch__.buckets.Bucket]:
  buckets = annotate(List[__torch__.buckets.Bucket], [])
  if __torch__.buckets.wanted(x):
    by_length = annotate(Dict[int, List[int]], {})
    for j in range(torch.len(starts) - 1):
      length = __torch__.buckets.padded(starts[j + 1] - starts[j])
      if torch.__contains__(by_length, length):
        _0 = torch.append(by_length[length], j)
      else:
        torch._set_item(by_length, length, [j])
    lengths = torch.keys(by_length)
    for i in range(torch.len(lengths)):
      members = torch.tensor(by_length[lengths[i]], dtype=4, device=x.device)
      first = torch.index_select(offsets, 0, members).unsqueeze(1)
      end = torch.index_select(offsets, 0, members + 1).unsqueeze(1)
      places = first + torch.arange(0, lengths[i], dtype=4, device=x.device)
      real = torch.lt(places, end)
      rows = torch.minimum(places, end - 1)
      mask = torch.masked_fill(torch.new_zeros(x, places.size()), torch.logical_not(real), float("-inf"))
      buckets.append(__torch__.buckets.Bucket(members, rows, mask.unsqueeze(1).unsqueeze(1)))
  return buckets

# Attention of each sequence to itself: qkv [T, 3, heads, head_size] to [T, hidden], zero after the last sequence.
def attention(qkv: Tensor, starts: List[int], buckets: List[__torch__.buckets.Bucket]) -> Tensor:
  if torch.len(buckets) == 0:
    attended = __torch__.functions.attention(qkv, starts)
  else:
    packed = torch.new_zeros(qkv, [qkv.size(0), qkv.size(2), qkv.size(3)])
    for i in range(torch.len(buckets)):
      bucket = buckets[i]
      # [3, b, heads, L, head_size]
      sequences = __torch__.buckets.gather(qkv, bucket.rows)
      mixed = torch.scaled_dot_product_attention(sequences[0], sequences[1], sequences[2], bucket.mask)
      _0 = torch.index_copy_(packed, 0, bucket.rows.flatten(), mixed.transpose(1, 2).flatten(0, 1))
    attended = packed.flatten(1)
  return attended

# Attention of each sequence's first token to the sequence's first tokens, at most `reach` of them: query
# [n, heads, head_size] and kv [T, 2, heads, head_size] to [n, hidden].
def first_attention(query: Tensor, kv: Tensor, starts: List[int], reach: int, buckets: List[__torch__.buckets.Bucket]) -> Tensor:
  if torch.len(buckets) == 0:
    attended = __torch__.functions.first_attention(query, kv, starts, reach)
  else:
    attended = torch.new_zeros(query, [query.size(0), query.size(1) * query.size(2)])
    for i in range(torch.len(buckets)):
      bucket = buckets[i]
      # [2, b, heads, L, head_size]
      sequences = __torch__.buckets.gather(kv, torch.slice(bucket.rows, 1, 0, reach))
      first = torch.index_select(query, 0, bucket.members).unsqueeze(2)
      mixed = torch.scaled_dot_product_attention(first, sequences[0], sequences[1], torch.slice(bucket.mask, 3, 0, reach))
      _0 = torch.index_copy_(attended, 0, bucket.members, mixed.flatten(1))
  return attended

# What x [T, m, heads, head_size] has in the rows [b, L]: [m, b, heads, L, head_size].
def gather(x: Tensor, rows: Tensor) -> Tensor:
  taken = torch.index_select(x, 0, rows.flatten())
  return taken.view([rows.size(0), rows.size(1), x.size(1), x.size(2), x.size(3)]).permute([2, 0, 3, 1, 4])
