"""Speed of the linear layers of a model on the engines for float32, on one core.

    python linear_layers.py [--rows 64,256,512] [--hidden 128,384,768]

Prints GFLOP/s for the four shapes of an encoder layer: oneDNN with weights in its own layout, as this project's
TorchScript programs call it; MKL, as torch.nn.functional.linear calls it; MLAS, as ONNX Runtime's MatMul and Gemm call
it. Each number is the median of seven turns, in which the engines took turns. Needs requirements.txt.
"""

import argparse
import statistics
import time

import numpy as np
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

TURNS = 7
SECONDS = 0.05


def session(operator, weights, bias):
    """An ONNX model of one node on one thread."""
    inputs = ["x", "w"] + (["b"] if operator == "Gemm" else [])
    initializers = [numpy_helper.from_array(weights, "w")]
    if operator == "Gemm":
        initializers.append(numpy_helper.from_array(bias, "b"))
    graph = helper.make_graph(
        [helper.make_node(operator, inputs, ["y"])],
        "linear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", weights.shape[0]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows", weights.shape[1]])],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])


def bound(onnx, x, outputs):
    """A call of a session without copies of its input and output."""
    y = np.empty((x.shape[0], outputs), "f")
    binding = onnx.io_binding()
    binding.bind_input("x", "cpu", 0, np.float32, x.shape, x.ctypes.data)
    binding.bind_output("y", "cpu", 0, np.float32, y.shape, y.ctypes.data)
    return lambda: onnx.run_with_iobinding(binding)


def engines(rows, inputs, outputs):
    x = torch.randn(rows, inputs)
    weight = torch.randn(outputs, inputs)
    bias = torch.randn(outputs)
    prepared = torch.ops.mkldnn._reorder_linear_weight(weight, 256)
    columns = np.ascontiguousarray(weight.numpy().T)
    matmul = session("MatMul", columns, None)
    gemm = session("Gemm", columns, bias.numpy())
    return {
        "oneDNN": lambda: torch.ops.mkldnn._linear_pointwise(x, prepared, bias, "none", [], ""),
        "MKL": lambda: torch.nn.functional.linear(x, weight, bias),
        "MLAS MatMul": bound(matmul, x.numpy(), outputs),
        "MLAS Gemm": bound(gemm, x.numpy(), outputs),
    }


def rates(calls, operations):
    """GFLOP/s of each call, whose turns alternate."""
    repeats = max(1, int(SECONDS * 60e9 / operations))
    found = {name: [] for name in calls}
    for turn in range(TURNS + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            for _ in range(repeats):
                call()
            elapsed = time.perf_counter() - start
            if turn > 0:
                found[name].append(repeats * operations / elapsed / 1e9)
    return {name: statistics.median(values) for name, values in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", default="64,256,512", help="numbers of tokens (default %(default)s)")
    parser.add_argument("--hidden", default="128,384,768", help="hidden sizes (default %(default)s)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    print("| rows | inputs | outputs | oneDNN | MKL | MLAS MatMul | MLAS Gemm |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for hidden in map(int, options.hidden.split(",")):
        for rows in map(int, options.rows.split(",")):
            for inputs, outputs in [(hidden, hidden), (hidden, 3 * hidden), (hidden, 4 * hidden), (4 * hidden, hidden)]:
                found = rates(engines(rows, inputs, outputs), 2.0 * rows * inputs * outputs)
                numbers = " | ".join("%.0f" % value for value in found.values())
                print("| %d | %d | %d | %s |" % (rows, inputs, outputs, numbers), flush=True)


if __name__ == "__main__":
    main()
