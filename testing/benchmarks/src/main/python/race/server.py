"""The plainest HTTP server around sentence-transformers' CrossEncoder.

    MODEL=FOLDER THREADS=N uvicorn --app-dir testing/benchmarks/src/main/python/race server:app --port PORT

FastAPI runs a function that is not asynchronous in a pool of threads: https://fastapi.tiangolo.com/async/. "predict" is
called as https://sbert.net/docs/cross_encoder/usage/usage.html shows it; it sorts the pairs of a request by length.
"""

import os

import torch
from fastapi import FastAPI
from pydantic import BaseModel
from sentence_transformers import CrossEncoder

torch.set_num_threads(int(os.environ["THREADS"]))
model = CrossEncoder(os.environ["MODEL"], device="cpu", local_files_only=True,
                     model_kwargs={"dtype": torch.float32})
app = FastAPI()


class Request(BaseModel):
    pairs: list[tuple[str, str]]


@app.get("/health")
def health():
    return {"ready": True}


@app.post("/score")
def score(request: Request):
    return {"scores": model.predict(request.pairs, batch_size=32, show_progress_bar=False).tolist()}
