r"""The plainest HTTP server around sentence-transformers' CrossEncoder.

    MODEL=FOLDER THREADS=N BATCH=N BACKEND=torch|openvino \
      uvicorn --app-dir testing/benchmarks/src/main/python/race server:app --port PORT

FastAPI runs a function that is not asynchronous in a pool of threads: https://fastapi.tiangolo.com/async/. "predict" is
called as https://sbert.net/docs/cross_encoder/usage/usage.html shows it; it sorts the pairs of a request by length. One
call at a time uses all threads. The backends are those of https://sbert.net/docs/cross_encoder/usage/efficiency.html.
"""

import os
import threading

import torch
from fastapi import FastAPI
from pydantic import BaseModel
from sentence_transformers import CrossEncoder

folder = os.environ["MODEL"]
threads = int(os.environ["THREADS"])
batch = int(os.environ["BATCH"])
torch.set_num_threads(threads)


def open_model():
    if os.environ["BACKEND"] == "torch":
        return CrossEncoder(folder, device="cpu", local_files_only=True, model_kwargs={"dtype": torch.float32})
    exported = folder + "-openvino"
    if not os.path.isdir(exported):
        CrossEncoder(folder, backend="openvino", device="cpu", local_files_only=True,
                     model_kwargs={"export": True}).save_pretrained(exported)
    # On CPUs with bfloat16 OpenVINO would compute in that by itself.
    options = {"INFERENCE_NUM_THREADS": str(threads), "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    return CrossEncoder(exported, backend="openvino", device="cpu", local_files_only=True,
                        model_kwargs={"ov_config": options})


model = open_model()
one_call = threading.Lock()
app = FastAPI()


class Request(BaseModel):
    pairs: list[tuple[str, str]]


@app.get("/health")
def health():
    return {"ready": True}


@app.post("/score")
def score(request: Request):
    with one_call:
        return {"scores": model.predict(request.pairs, batch_size=batch, show_progress_bar=False).tolist()}
