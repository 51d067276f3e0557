"""Records calibrations and their errors as scipy and scikit-learn compute them, for CalibrationReferenceTest.

    python -m venv venv
    venv/bin/pip install scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
    venv/bin/python evaluation/src/test/python/calibration_reference.py

All data are synthetic. The file has one seed, so that it can be written again.
"""

import json
import pathlib

import numpy as np
from scipy import optimize, special
from sklearn import calibration, metrics

SEED = 20261201
FOLDER = pathlib.Path(__file__).parent.parent / "resources/dev/crossencoder/evaluation/calibration"


def platt(logits, gold):
    """Minimises Platt's loss to the last digits; scikit-learn stops earlier."""
    positives = gold.sum()
    targets = np.where(gold == 1, (positives + 1) / (positives + 2), 1 / (len(gold) - positives + 2))

    def loss(x):
        scaled = x[0] * logits + x[1]
        return (np.logaddexp(0, scaled) - targets * scaled).sum()

    def gradient(x):
        error = special.expit(x[0] * logits + x[1]) - targets
        return np.array([(error * logits).sum(), error.sum()])

    found = optimize.root(gradient, optimize.minimize(loss, [1.0, 0.0], jac=gradient).x, tol=1e-14).x
    a, b = calibration._sigmoid_calibration(logits, gold)
    assert np.allclose(found, [-a, -b], rtol=1e-3, atol=1e-3), (found, a, b)
    return found


def error(confidences, right):
    share, mean = calibration.calibration_curve(right, confidences, n_bins=15, strategy="uniform")
    edges = np.linspace(0, 1, 16)
    counts = np.bincount(np.searchsorted(edges[1:-1], confidences), minlength=15)
    counts = counts[counts > 0]
    return {
        "expected": float((counts * np.abs(share - mean)).sum() / len(right)),
        "counts": counts.tolist(),
        "probabilities": mean.tolist(),
        "shares": share.tolist(),
    }


def threshold(scores, gold, wanted):
    precision, recall, thresholds = metrics.precision_recall_curve(gold, scores)
    reached = [i for i in range(len(thresholds)) if precision[i] >= wanted and recall[i] > 0]
    if not reached:
        return None
    best = min(reached)
    return {
        "threshold": float(thresholds[best]),
        "precision": float(precision[best]),
        "recall": float(recall[best]),
        "pairs": int((scores >= thresholds[best]).sum()),
    }


def binary(random, pairs, slope, shift, rounded):
    logits = random.normal(size=pairs) * 3
    if rounded:
        logits = np.round(logits)
    gold = (random.random(pairs) < special.expit(slope * logits + shift)).astype(int)
    logits = logits.astype(np.float32).astype(float)
    found = platt(logits, gold)
    # As floats, which scores are.
    probabilities = special.expit(found[0] * logits + found[1]).astype(np.float32).astype(float)
    return {
        "logits": logits.tolist(),
        "gold": gold.tolist(),
        "slope": found[0],
        "intercept": found[1],
        "probabilities": probabilities.tolist(),
        "log_loss": metrics.log_loss(gold, np.clip(probabilities, 1e-15, 1)),
        "error": error(probabilities, gold),
        "thresholds": {str(wanted): threshold(probabilities, gold, wanted) for wanted in (0.5, 0.8, 0.95, 1.0)},
    }


def labels(random, pairs, classes, temperature):
    logits = (random.normal(size=(pairs, classes)) * 2).astype(np.float32).astype(float)
    odds = special.softmax(logits / temperature, axis=1)
    gold = np.array([random.choice(classes, p=row) for row in odds])

    def loss(inverse):
        return -special.log_softmax(inverse * logits, axis=1)[np.arange(pairs), gold].mean()

    inverse = optimize.minimize_scalar(loss, bounds=(0.01, 100), method="bounded", options={"xatol": 1e-12}).x
    probabilities = special.softmax(inverse * logits, axis=1).astype(np.float32).astype(float)
    predicted = probabilities.argmax(axis=1)
    normalised = probabilities / probabilities.sum(axis=1, keepdims=True)
    return {
        "logits": logits.tolist(),
        "gold": gold.tolist(),
        "temperature": 1 / inverse,
        "probabilities": probabilities.tolist(),
        "log_loss": metrics.log_loss(gold, normalised, labels=list(range(classes))),
        "error": error(probabilities.max(axis=1), (predicted == gold).astype(int)),
    }


def main():
    random = np.random.default_rng(SEED)
    data = {
        "binaries": [
            binary(random, 200, 0.5, 1.0, False),
            binary(random, 300, 2.0, -1.0, True),
            binary(random, 30, 1.0, 0.0, False),
            # Gold separates the logits: the targets keep the slope finite.
            binary(random, 40, 100.0, 0.0, False),
        ],
        "labels": [
            labels(random, 200, 3, 2.5),
            labels(random, 150, 2, 0.5),
            labels(random, 100, 5, 1.0),
        ],
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "reference.json").write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")


main()
