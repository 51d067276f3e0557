"""Shows which operators of an int8 bundle give the same bits on every processor. A development tool.

    pip install onnxruntime==1.28.0 onnx==1.18.0
    python processors.py write here.npz
    qemu-x86_64 -cpu Haswell $(readlink -f $(which python)) processors.py write haswell.npz
    python processors.py compare here.npz haswell.npz

ONNX Runtime chooses its kernels by what the processor says it can do, and no setting overrides that. QEMU's user mode
(Debian's qemu-user) stands in for another processor: Haswell has AVX2, SandyBridge has AVX, Nehalem has neither.
"""

import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

ROWS, INPUTS, OUTPUTS = 37, 384, 512


def value(name, kind, *shape):
    return helper.make_tensor_value_info(name, kind, shape or None)


def run(nodes, feeds, result, **constants):
    """Computes nodes as they are, without the optimiser, on one thread."""
    kinds = {"float32": TensorProto.FLOAT, "uint8": TensorProto.UINT8}
    inputs = [value(name, kinds[str(array.dtype)], *array.shape) for name, array in feeds.items()]
    initializers = [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "probe", inputs, [value("y", result)], initializers)
    operators = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    model = helper.make_model(graph, opset_imports=operators, ir_version=9)
    return onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, feeds)[0]


def node(operator, *inputs, **attributes):
    return helper.make_node(operator, list(inputs), ["y"], **attributes)


def results():
    random = np.random.default_rng(1)
    quantised = random.integers(0, 256, (ROWS, INPUTS), dtype=np.uint8)
    seven = random.integers(-64, 65, (INPUTS, OUTPUTS), dtype=np.int8)
    eight = random.integers(-127, 128, (INPUTS, OUTPUTS), dtype=np.int8)
    values = random.standard_normal((ROWS, INPUTS)).astype(np.float32)
    weights = (random.standard_normal((INPUTS, OUTPUTS)) / 20).astype(np.float32)
    scales = (random.random(OUTPUTS) / 1000).astype(np.float32)
    tokens = (np.abs(values).max(1) / 127).astype(np.float32)
    zeros = np.full(ROWS, 128, np.uint8)
    last = np.array([-1])
    real = {"x": values}
    found = {
        "sums, weights of 7 bits": run([node("MatMulInteger", "x", "w", "z")], {"x": quantised}, TensorProto.INT32,
                                       w=seven, z=np.uint8(128)),
        "sums, weights of 8 bits": run([node("MatMulInteger", "x", "w", "z")], {"x": quantised}, TensorProto.INT32,
                                       w=eight, z=np.uint8(128)),
        "MatMulIntegerToFloat": run([node("MatMulIntegerToFloat", "x", "w", "one", "s", "z", domain="com.microsoft")],
                                    {"x": quantised}, TensorProto.FLOAT, w=seven, one=np.float32(1), s=scales,
                                    z=np.uint8(128)),
        "QuantizeLinear": run([node("QuantizeLinear", "x", "s", "z", axis=0)],
                              {"x": values, "s": tokens, "z": zeros}, TensorProto.UINT8),
        "MatMul": run([node("MatMul", "x", "w")], real, TensorProto.FLOAT, w=weights),
        "Gelu": run([node("Gelu", "x")], real, TensorProto.FLOAT),
        "Tanh": run([node("Tanh", "x")], real, TensorProto.FLOAT),
        "ReduceMean": run([node("ReduceMean", "x", "last")], real, TensorProto.FLOAT, last=last),
        "ReduceMax": run([node("ReduceMax", "x", "last")], real, TensorProto.FLOAT, last=last),
        "Softmax": run([node("Softmax", "x")], real, TensorProto.FLOAT),
        "MultiHeadAttention": run([node("MultiHeadAttention", "x", "x", "x", domain="com.microsoft", num_heads=12)],
                                  {"x": values[np.newaxis]}, TensorProto.FLOAT),
    }
    exact = (quantised.astype(np.int64) - 128) @ eight.astype(np.int64)
    print("weights of 8 bits saturate here:", bool((found["sums, weights of 8 bits"] != exact).any()))
    return found


def compare(one, other):
    for name in one.files:
        differing = int((one[name] != other[name]).sum())
        largest = np.abs(one[name].astype(np.float64) - other[name].astype(np.float64)).max()
        print(f"{name:26} {differing:6d} of {one[name].size} values differ, by at most {largest:.2g}")


if __name__ == "__main__":
    if sys.argv[1] == "write":
        np.savez(sys.argv[2], **results())
    else:
        compare(np.load(sys.argv[2]), np.load(sys.argv[3]))
