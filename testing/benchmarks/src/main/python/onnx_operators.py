"""The share of each operator in a forward pass of a bundle for ONNX Runtime, on one core.

    python onnx_operators.py BUNDLE [--lengths 120,100,36]

Scores one packed batch of random tokens repeatedly and prints ONNX Runtime's own profile of it. Needs onnxruntime.
"""

import argparse
import collections
import json
import os
import tempfile
import time

import numpy as np
import onnxruntime

WARM_UP = 20
PASSES = 60


def batch(lengths, inputs):
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    tokens = int(offsets[-1])
    generator = np.random.default_rng(20261130)
    values = {
        "input_ids": generator.integers(1000, 20000, tokens),
        "token_type_ids": np.zeros(tokens, np.int64),
        "position_ids": np.concatenate([np.arange(length) for length in lengths]) + 2,
        "offsets": offsets,
    }
    return {name: value for name, value in values.items() if name in inputs}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", help="the folder of a bundle whose engine is onnxruntime")
    parser.add_argument("--lengths", default="120,100,36", help="tokens of each pair (default %(default)s)")
    options = parser.parse_args()
    lengths = list(map(int, options.lengths.split(",")))
    with tempfile.TemporaryDirectory() as folder:
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = 1
        settings.enable_mem_pattern = False
        settings.enable_profiling = True
        settings.profile_file_prefix = os.path.join(folder, "profile")
        session = onnxruntime.InferenceSession(
            os.path.join(options.bundle, "model.onnx"), settings, ["CPUExecutionProvider"]
        )
        feed = batch(lengths, {value.name for value in session.get_inputs()})
        for _ in range(WARM_UP):
            session.run(["logits"], feed)
        start = time.perf_counter()
        for _ in range(PASSES):
            session.run(["logits"], feed)
        millis = 1e3 * (time.perf_counter() - start) / PASSES
        with open(session.end_profiling()) as file:
            events = json.load(file)
    times = collections.Counter()
    for event in events:
        # The time of a loop contains that of the nodes of its body, which are listed too.
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time") and event["args"]["op_name"] != "Loop":
            times[event["args"]["op_name"]] += event["dur"] / 1e3 / (WARM_UP + PASSES)
    print("%.2f ms for a pass of %d tokens, %.0f us per token" % (millis, sum(lengths), 1e3 * millis / sum(lengths)))
    print("| operator | ms | share of the pass |\n|---|---:|---:|")
    for operator, time_of_it in times.most_common():
        if time_of_it > 0.005 * millis:
            print("| %s | %.2f | %.1f %% |" % (operator, time_of_it, 100 * time_of_it / millis))
    rest = millis - sum(times.values())
    print("| between the nodes, and the profile itself | %.2f | %.1f %% |" % (rest, 100 * rest / millis))


if __name__ == "__main__":
    main()
