#!/usr/bin/env python3
"""The Python side of the benchmark: sentence-transformers' CrossEncoder over torch, ONNX Runtime and OpenVINO.

    pip install -r testing/benchmarks/src/main/python/requirements.txt
    python peers.py export --checkpoint FOLDER --pairs FILE --output FOLDER
    python peers.py serve --model FOLDER --backend torch|onnx|openvino [--file NAME] --threads N

"export" writes a checkpoint as each backend reads it, in fp32 and int8, and prints one JSON line for each: what it is
called, or why it could not be made. "serve" answers one JSON request a line with one JSON reply a line, as the workers
in Java do (WorkerMain): "score" scores the pairs of a file and returns the time, with tokenizing in it, and the logits.

Nothing else goes to standard output: what libraries print there is sent to standard error.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

# The benchmark claims how this version's predict works; another may do otherwise.
SENTENCE_TRANSFORMERS = "5.7.0"

PACKAGES = ["sentence-transformers", "transformers", "torch", "tokenizers", "onnxruntime", "optimum", "optimum-onnx",
            "optimum-intel", "openvino", "nncf"]

BATCH = 32

# How many pairs OpenVINO's static quantisation sees.
CALIBRATION_PAIRS = 128


def versions():
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            pass
    return found


def read_pairs(file):
    with open(file, encoding="utf-8") as lines:
        return [(pair["text"], pair["textPair"]) for pair in map(json.loads, lines)]


def check_version():
    installed = importlib.metadata.version("sentence-transformers")
    if installed != SENTENCE_TRANSFORMERS:
        raise SystemExit(f"Cannot measure sentence-transformers {installed}, the benchmark is about "
                         f"{SENTENCE_TRANSFORMERS}. Install that version.")


def open_model(folder, backend, file, threads):
    """Loads a model with as many threads as all others get; no backend may leave fp32 unasked."""
    import torch
    from sentence_transformers import CrossEncoder

    torch.set_num_threads(threads)
    model_kwargs = {}
    if backend == "onnx":
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        model_kwargs = {"provider": "CPUExecutionProvider", "session_options": options, "file_name": file}
    elif backend == "openvino":
        config = {"INFERENCE_NUM_THREADS": str(threads), "PERFORMANCE_HINT": "LATENCY"}
        if "int8" not in file:
            # On CPUs with bfloat16 OpenVINO would compute in that by itself.
            config["INFERENCE_PRECISION_HINT"] = "f32"
        model_kwargs = {"file_name": file, "ov_config": config}
    return CrossEncoder(folder, backend=backend, device="cpu", local_files_only=True, model_kwargs=model_kwargs)


def assert_sorts(model):
    """Feeds pairs of mixed lengths and looks at the batches that predict makes of them."""
    pairs = [("a", "word " * (1 + 37 * i % 64)) for i in range(2 * BATCH)]
    seen = []
    preprocess = model.preprocess

    def watch(batch, **options):
        seen.append([len(text) + len(text_pair) for text, text_pair in batch])
        return preprocess(batch, **options)

    model.preprocess = watch
    try:
        model.predict(pairs, batch_size=BATCH)
    finally:
        del model.preprocess
    lengths = [length for batch in seen for length in batch]
    if lengths != sorted(lengths, reverse=True) or len(set(lengths)) < BATCH:
        raise SystemExit("Cannot measure sentence-transformers, its predict does not sort by length: "
                         f"batches of {[batch[:3] for batch in seen]}")


class Peer:
    """A loaded model and how it is fed: "own" gives predict all pairs at once, which it sorts itself; "tokens" gives it
    batches of pairs that were sorted by their number of tokens before the clock started; "arrival" gives it batches
    as they come."""

    def __init__(self, model):
        import torch
        self.model = model
        self.identity = torch.nn.Identity()
        self.orders = {}

    def order(self, file, pairs, feed):
        """Where each pair stands when it is fed."""
        if feed != "tokens":
            return list(range(len(pairs)))
        if file not in self.orders:
            encoded = self.model.tokenizer([pair[0] for pair in pairs], [pair[1] for pair in pairs], truncation=True,
                                           max_length=self.model.max_length)["input_ids"]
            self.orders[file] = sorted(range(len(pairs)), key=lambda i: -len(encoded[i]))
        return self.orders[file]

    def predict(self, pairs, feed):
        if feed == "own":
            return list(self.model.predict(pairs, batch_size=BATCH, activation_fn=self.identity,
                                           show_progress_bar=False))
        rows = []
        for start in range(0, len(pairs), BATCH):
            rows.extend(self.model.predict(pairs[start:start + BATCH], batch_size=BATCH,
                                           activation_fn=self.identity, show_progress_bar=False))
        return rows

    def score(self, request):
        file, feed = request["pairs"], request.get("feed", "own")
        pairs = read_pairs(file)
        order = self.order(file, pairs, feed)
        fed = [pairs[i] for i in order]
        cpu, start = time.process_time(), time.perf_counter()
        for _ in range(request.get("repeats", 1)):
            rows = self.predict(fed, feed)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        logits = [None] * len(pairs)
        for i, row in zip(order, rows, strict=True):
            logits[i] = [float(value) for value in row.reshape(-1)]
        return {"seconds": seconds, "cpuSeconds": cpu, "logits": logits}


def serve(arguments, out):
    check_version()
    model = open_model(str(arguments.model), arguments.backend, arguments.file, arguments.threads)
    if arguments.backend == "torch":
        assert_sorts(model)
    peer = Peer(model)
    reply(out, {"ready": True, "versions": versions()})
    for line in sys.stdin:
        request = json.loads(line)
        if request["command"] != "score":
            raise SystemExit(f"Cannot do {request['command']}, known commands: score")
        try:
            reply(out, peer.score(request))
        except Exception as failure:  # the coordinator leaves this peer out and says why
            traceback.print_exc()
            reply(out, {"error": f"{type(failure).__name__}: {failure}"[:500]})


def reply(out, message):
    out.write(json.dumps(message) + "\n")
    out.flush()


def cpu_flags():
    try:
        return set(Path("/proc/cpuinfo").read_text().split("flags", 1)[1].split("\n", 1)[0].split())
    except (OSError, IndexError):
        return set()


def onnx_int8_kinds():
    """The presets of optimum that fit this CPU, the best first."""
    if platform.machine() in ("aarch64", "arm64"):
        return ["arm64"]
    kinds = ["avx512_vnni"] if "avx512_vnni" in cpu_flags() else []
    return kinds + ["avx2"]


def export(arguments, out):
    """Exports what can be exported. The folder is complete when this has ended."""
    check_version()
    pairs = read_pairs(arguments.pairs)[:CALIBRATION_PAIRS]
    arguments.output.mkdir(parents=True, exist_ok=True)
    for file in arguments.checkpoint.iterdir():
        shutil.copyfile(file, arguments.output / file.name)
    steps = [("onnx fp32", "onnx", lambda: export_fp32(arguments.checkpoint, arguments.output, "onnx"), "model.onnx")]
    for kind in onnx_int8_kinds():
        steps.append((f"onnx int8 {kind}", "onnx", lambda kind=kind: export_onnx_int8(arguments.output, kind),
                      f"model_int8_{kind}.onnx"))
    steps.append(("openvino fp32", "openvino",
                  lambda: export_fp32(arguments.checkpoint, arguments.output, "openvino"), "openvino_model.xml"))
    steps.append(("openvino int8", "openvino", lambda: export_openvino_int8(arguments.output, pairs),
                  "openvino_model_int8.xml"))
    for name, backend, step, file in steps:
        try:
            step()
            reply(out, {"name": name, "backend": backend, "file": f"{backend}/{file}"})
        except Exception as failure:  # a backend that is missing or fails is left out, with its reason
            reply(out, {"name": name, "backend": backend, "reason": f"{type(failure).__name__}: {failure}"[:500]})
    reply(out, {"done": True})


def export_fp32(checkpoint, output, backend):
    from sentence_transformers import CrossEncoder
    model = CrossEncoder(str(checkpoint), backend=backend, device="cpu", local_files_only=True,
                         model_kwargs={"export": True})
    with tempfile.TemporaryDirectory(dir=output) as temporary:
        model.save_pretrained(temporary)
        shutil.rmtree(output / backend, ignore_errors=True)
        shutil.move(Path(temporary) / backend, output / backend)


def export_onnx_int8(output, kind):
    from sentence_transformers import CrossEncoder
    from sentence_transformers.backend import export_dynamic_quantized_onnx_model
    model = CrossEncoder(str(output), backend="onnx", device="cpu", local_files_only=True,
                         model_kwargs={"file_name": "onnx/model.onnx"})
    export_dynamic_quantized_onnx_model(model, kind, str(output), file_suffix=f"int8_{kind}")


def export_openvino_int8(output, pairs):
    """Static quantisation: the scales of activations come from some of the pairs that are scored later."""
    import nncf
    import openvino
    from transformers import AutoTokenizer
    core = openvino.Core()
    model = core.read_model(output / "openvino" / "openvino_model.xml")
    names = {name for tensor in model.inputs for name in tensor.get_names()}
    tokenizer = AutoTokenizer.from_pretrained(output)

    def encode(pair):
        encoded = tokenizer([pair[0]], [pair[1]], truncation=True, return_tensors="np")
        return {name: values for name, values in encoded.items() if name in names}

    quantised = nncf.quantize(model, nncf.Dataset(pairs, encode), model_type=nncf.ModelType.TRANSFORMER,
                              subset_size=len(pairs))
    openvino.save_model(quantised, output / "openvino" / "openvino_model_int8.xml", compress_to_fp16=False)


def main():
    # Libraries print to standard output, also from native code.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    exporter = commands.add_parser("export", help="write a checkpoint for each backend")
    exporter.add_argument("--checkpoint", type=Path, required=True, help="folder in Hugging Face layout")
    exporter.add_argument("--pairs", type=Path, required=True, help="pairs to calibrate with, one JSON object a line")
    exporter.add_argument("--output", type=Path, required=True, help="folder for the models")
    server = commands.add_parser("serve", help="answer requests from standard input")
    server.add_argument("--model", type=Path, required=True, help="folder that export wrote")
    server.add_argument("--backend", choices=["torch", "onnx", "openvino"], required=True)
    server.add_argument("--file", default="", help="the backend's file below the folder")
    server.add_argument("--threads", type=int, required=True)
    arguments = parser.parse_args()
    if arguments.command == "export":
        export(arguments, out)
    else:
        serve(arguments, out)


if __name__ == "__main__":
    main()
