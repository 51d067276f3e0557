# The functions of kernels.py for a libtorch without oneDNN.
def all_prepared(weights: List[Tensor]) -> List[Tensor]:
  return weights

def query_and_key_value(weight: Tensor) -> List[Tensor]:
  return annotate(List[Tensor], [])

def linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
  return torch.linear(x, weight, bias)

def linear_activation(x: Tensor, weight: Tensor, bias: Tensor, name: str) -> Tensor:
  return __torch__.functions.activation(torch.linear(x, weight, bias), name)
