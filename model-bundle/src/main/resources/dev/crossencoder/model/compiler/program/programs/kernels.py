# Linear layers on the kernels that are fastest on a CPU: oneDNN's, whose weights are laid out once, when the model is
# loaded. A weight [out, in] is as the checkpoint has it until prepared() made another of it; both compute the same.

# The weight in the layout of oneDNN's kernels, if it is of float32.
def prepared(weight: Tensor) -> Tensor:
  if ops.prim.dtype(weight) == 6:
    layout = ops.mkldnn._reorder_linear_weight(weight, 256)
  else:
    layout = weight
  return layout

# The weights of all layers in that layout.
def all_prepared(weights: List[Tensor]) -> List[Tensor]:
  layouts = annotate(List[Tensor], [])
  for i in range(torch.len(weights)):
    layouts.append(__torch__.kernels.prepared(weights[i]))
  return layouts

# Of the weight of a projection to queries, keys and values, [3 * hidden, hidden], the one for queries and the one for
# keys and values, in that layout.
def query_and_key_value(weight: Tensor) -> List[Tensor]:
  hidden = weight.size(1)
  query = torch.contiguous(torch.slice(weight, 0, 0, hidden))
  key_value = torch.contiguous(torch.slice(weight, 0, hidden, 3 * hidden))
  return [__torch__.kernels.prepared(query), __torch__.kernels.prepared(key_value)]

# x [m, in] to [m, out].
def linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
  if ops.prim.is_mkldnn(weight):
    y = ops.mkldnn._linear_pointwise(x, weight, bias, "none", annotate(List[Optional[number]], []), "")
  else:
    y = torch.linear(x, weight, bias)
  return y

# The same and one of the activation functions, in one pass if it is the usual one.
def linear_activation(x: Tensor, weight: Tensor, bias: Tensor, name: str) -> Tensor:
  if ops.prim.is_mkldnn(weight) and name == "gelu":
    y = ops.mkldnn._linear_pointwise(x, weight, bias, "gelu", annotate(List[Optional[number]], []), "none")
  else:
    y = __torch__.functions.activation(__torch__.kernels.linear(x, weight, bias), name)
  return y
