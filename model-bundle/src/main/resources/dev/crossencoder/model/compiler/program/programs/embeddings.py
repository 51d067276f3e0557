# The embeddings of an encoder: words, positions and segments as far as the model has them, summed and normalised.
class Embeddings(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  layer_norm_eps : float
  words : Tensor
  positions : List[Tensor]
  token_types : List[Tensor]
  projection_weight : List[Tensor]
  norm_weight : Tensor
  norm_bias : Tensor

  # input_ids, token_type_ids, position_ids [T] to [T, hidden].
  def embed(self: __torch__.embeddings.Embeddings, input_ids: Tensor, token_type_ids: Tensor, position_ids: Tensor) -> Tensor:
    x = torch.embedding(self.words, input_ids)
    if torch.len(self.token_types) > 0:
      x = x + torch.embedding(self.token_types[0], token_type_ids)
    if torch.len(self.positions) > 0:
      x = x + torch.embedding(self.positions[0], position_ids)
    if torch.len(self.projection_weight) > 0:
      x = torch.linear(x, self.projection_weight[0])
    return torch.layer_norm(x, [x.size(1)], self.norm_weight, self.norm_bias, self.layer_norm_eps)
