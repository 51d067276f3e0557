# BERT for sequence classification (BERT, MiniLM, TinyBERT) over a packed batch: no padding anywhere.
#
#   input_ids, token_type_ids, position_ids   [T]      the tokens of n sequences, one after the other
#   offsets                                   [n + 1]  where each sequence starts; the last is T
#   returns logits                            [n, num_labels]
#
# Linear layers, norms and GELU see the T real tokens; attention runs per sequence over its own slice. The
# classifier reads the first token only, so the last layer computes keys and values for every token but
# queries, attention output and feed-forward for n first tokens. Both are exact.
class CrossEncoder(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  num_layers : int
  num_heads : int
  layer_norm_eps : float
  word_embeddings : Tensor
  position_embeddings : Tensor
  token_type_embeddings : Tensor
  embeddings_norm_weight : Tensor
  embeddings_norm_bias : Tensor
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
  pooler_weight : Tensor
  pooler_bias : Tensor
  classifier_weight : Tensor
  classifier_bias : Tensor

  def embed(self: __torch__.CrossEncoder, input_ids: Tensor, token_type_ids: Tensor, position_ids: Tensor) -> Tensor:
    words = torch.embedding(self.word_embeddings, input_ids)
    types = torch.embedding(self.token_type_embeddings, token_type_ids)
    positions = torch.embedding(self.position_embeddings, position_ids)
    hidden = self.word_embeddings.size(1)
    return torch.layer_norm(words + types + positions, [hidden], self.embeddings_norm_weight, self.embeddings_norm_bias, self.layer_norm_eps)

  # The part of layer i that follows attention: x [m, hidden] is the layer's input, attended [m, hidden] what attention made of it.
  def after_attention(self: __torch__.CrossEncoder, i: int, x: Tensor, attended: Tensor) -> Tensor:
    hidden = x.size(1)
    projected = torch.linear(attended, self.attention_output_weight[i], self.attention_output_bias[i])
    x = torch.layer_norm(x + projected, [hidden], self.attention_norm_weight[i], self.attention_norm_bias[i], self.layer_norm_eps)
    intermediate = torch.gelu(torch.linear(x, self.intermediate_weight[i], self.intermediate_bias[i]))
    output = torch.linear(intermediate, self.output_weight[i], self.output_bias[i])
    return torch.layer_norm(x + output, [hidden], self.output_norm_weight[i], self.output_norm_bias[i], self.layer_norm_eps)

  def layer(self: __torch__.CrossEncoder, i: int, x: Tensor, starts: List[int]) -> Tensor:
    tokens = x.size(0)
    hidden = x.size(1)
    head_size = hidden // self.num_heads
    qkv = torch.linear(x, self.qkv_weight[i], self.qkv_bias[i]).view([tokens, 3, self.num_heads, head_size])
    attended = torch.new_empty(x, [tokens, self.num_heads, head_size])
    for j in range(torch.len(starts) - 1):
      # [3, 1, heads, length, head_size]
      sequence = torch.slice(qkv, 0, starts[j], starts[j + 1]).permute([1, 2, 0, 3]).unsqueeze(1)
      mixed = torch.scaled_dot_product_attention(sequence[0], sequence[1], sequence[2])
      _0 = torch.copy_(torch.slice(attended, 0, starts[j], starts[j + 1]), mixed.squeeze(0).transpose(0, 1))
    return self.after_attention(i, x, attended.view([tokens, hidden]))

  # The last layer, for the first token of each sequence: returns [n, hidden].
  def last_layer(self: __torch__.CrossEncoder, i: int, x: Tensor, offsets: Tensor, starts: List[int]) -> Tensor:
    tokens = x.size(0)
    hidden = x.size(1)
    head_size = hidden // self.num_heads
    sequences = torch.len(starts) - 1
    first = torch.index_select(x, 0, torch.slice(offsets, 0, 0, sequences))
    weight = self.qkv_weight[i]
    bias = self.qkv_bias[i]
    query = torch.linear(first, torch.slice(weight, 0, 0, hidden), torch.slice(bias, 0, 0, hidden)).view([sequences, self.num_heads, 1, head_size])
    kv = torch.linear(x, torch.slice(weight, 0, hidden, 3 * hidden), torch.slice(bias, 0, hidden, 3 * hidden)).view([tokens, 2, self.num_heads, head_size])
    attended = annotate(List[Tensor], [])
    for j in range(sequences):
      # [2, heads, length, head_size]
      sequence = torch.slice(kv, 0, starts[j], starts[j + 1]).permute([1, 2, 0, 3])
      mixed = torch.scaled_dot_product_attention(query[j].unsqueeze(0), sequence[0].unsqueeze(0), sequence[1].unsqueeze(0))
      attended.append(mixed.reshape([1, hidden]))
    return self.after_attention(i, first, torch.cat(attended, 0))

  def forward(self: __torch__.CrossEncoder, input_ids: Tensor, token_type_ids: Tensor, position_ids: Tensor, offsets: Tensor) -> Tensor:
    starts = annotate(List[int], offsets.tolist())
    x = self.embed(input_ids, token_type_ids, position_ids)
    last = self.num_layers - 1
    for i in range(last):
      x = self.layer(i, x, starts)
    first = self.last_layer(last, x, offsets, starts)
    pooled = torch.tanh(torch.linear(first, self.pooler_weight, self.pooler_bias))
    return torch.linear(pooled, self.classifier_weight, self.classifier_bias)
