"""Save: keep the candidate, if it met its gates, in the two forms that serve and can be checked.

Reads `model/trained.pkl`, what evaluate found, the clean rows and their features. Writes `model/model.pkl`,
`model/model.onnx` and `model/manifest.json`, each by an atomic rename and only after everything held: until then the
last good three stay.
"""

from __future__ import annotations

import csv
import hashlib
import io
import logging
import math
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from stages.core import params, run
from stages.core.errors import GateError, ModelError
from stages.core.files import json_text, read_json, write_bytes, write_together
from stages.model.onnx_predict import VERSION_DIGITS

MODEL = Path("model")
TRAINED = MODEL / "trained.pkl"
TRAINED_METRICS = Path("metrics/train.json")
EVALUATION = Path("metrics/evaluation.json")
IMPORTANCE = Path("metrics/plots/importance.csv")
RAW_MANIFEST = Path("data/raw/manifest.json")
PACKAGES = Path("packages.json")
CLEAN = Path("data/clean.csv")
FEATURES = Path("data/features.csv")
USED_PACKAGES = ["joblib", "numpy", "onnx", "onnxruntime", "pandas", "scikit-learn"]


class Save(params.Params, frozen=True):
    """The section `save` of params.yaml."""

    parity_bound: float = 1e-9


def check_gates(gates: dict[str, dict[str, Any]]) -> None:
    """Raise GateError, naming each gate the candidate must meet and does not."""
    failed = [
        f"{name} is {gate['result']} ({gate['rule']}; measured {gate['value']:.4g}, "
        f"interval {gate['low']:.4g} to {gate['high']:.4g})"
        for name, gate in gates.items()
        if gate["level"] == "must" and gate["result"] not in ("met", "not applicable")
    ]
    if failed:
        raise GateError(
            f"the candidate is not saved: {'; '.join(failed)}. The last good model stays. "
            "Improve the model, or let whoever owns the gates change evaluate.gates in params.yaml."
        )


def evaluated(version: str) -> bytes:
    """The candidate's pickle. Raises ModelError unless it is the one that was evaluated: no other is unpickled."""
    try:
        content = TRAINED.read_bytes()
    except FileNotFoundError:
        raise ModelError(f"{TRAINED} is missing. Run `dvc repro train`.") from None
    if hashlib.sha256(content).hexdigest()[:VERSION_DIGITS] != version:
        raise ModelError(
            f"{TRAINED} is damaged, or not the model {version} that {EVALUATION} tells of. "
            "Run `dvc repro --force train`."
        )
    return content


def largest_difference(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """The largest difference between what two forms of a model answer.

    Of a value beyond ±1 (regression) it is the difference in units of that value.
    """
    return float((np.abs(one - other) / np.maximum(1, np.abs(other))).max())


def rounded_up(difference: float) -> float:
    """The difference in steps of 1e-12, one at least: whether there is any below that differs by CPU."""
    return max(1, math.ceil(difference * 1e12)) / 1e12


def provenance() -> dict[str, Any]:
    """What the model was made of: hashes of the raw files, params, and package versions."""
    files = read_json(RAW_MANIFEST)["files"]
    packages = read_json(PACKAGES)
    sections = params.read()
    return {
        "data": {entry["name"]: entry["sha256"] for entry in files},
        "params": msgspec.to_builtins({name: sections[name] for name in ("clean", "features", "train")}),
        "packages": {name: packages[name] for name in USED_PACKAGES},
    }


def work() -> None:
    """Judge, convert, prove both forms equal, then replace the last good model."""
    section = params.load("save", Save)
    try:
        evaluation = read_json(EVALUATION)
    except (FileNotFoundError, ValueError):
        raise ModelError(f"{EVALUATION} is missing or damaged. Run `dvc repro evaluate`.") from None
    check_gates(evaluation["gates"])  # before scikit-learn is imported: a refusal is quick
    import joblib

    from stages.model import estimators, onnx_predict
    from stages.save import drift_reference, manifest, onnx_graph, page_profile
    from stages.table import csv_io, schema
    from stages.transform import definition

    content = evaluated(evaluation["version"])
    trained = read_json(TRAINED_METRICS)
    model = joblib.load(io.BytesIO(content))
    columns, features = schema.read(), definition.read()
    clean, made = csv_io.read(CLEAN, columns.types), csv_io.read(FEATURES, features.types)
    part = made[features.split]
    train, test = clean[part == "train"], (part == "test").to_numpy()
    defined = manifest.features(model, features)
    graph = onnx_graph.convert(model["model"], columns.task, len(defined["columns"]), len(columns.target.classes))
    onnx = graph.SerializeToString(deterministic=True)
    described = {
        "format": manifest.FORMAT,
        "version": evaluation["version"],
        "task": columns.task,
        "target": {name: getattr(columns.target, name) for name in ("name", "classes", "positive", "definition")},
        "estimator": trained["estimator"],
        "threshold": evaluation["threshold"] if columns.task == "binary" else None,
        "interval": trained.get("interval"),
        "files": {name: _file(data) for name, data in (("model.pkl", content), ("model.onnx", onnx))},
        "inputs": manifest.inputs(columns, train),
        "reading": msgspec.to_builtins(columns.reading),
        "features": defined,
        "page": page_profile.page(columns, train, defined["derive"], _importance()),
        "onnx": {"input": onnx_graph.INPUT, "output": onnx_graph.OUTPUT},
        "metrics": evaluation["candidate"],
        "provenance": provenance(),
    }
    candidate = MODEL / ".candidate.onnx.part"
    write_bytes(candidate, onnx)
    try:
        answers = onnx_predict.answers(described, candidate, clean[test], columns.types)
    finally:
        candidate.unlink(missing_ok=True)
    classes = columns.target.classes
    rows = made.loc[test, list(features.types)]
    difference = largest_difference(answers, estimators.answers(model, rows, columns.task, len(classes)))
    if not difference <= section.parity_bound:
        raise ModelError(
            f"model.onnx differs from model.pkl by {difference:.3g} on a hold-out row, more than save.parity_bound "
            f"({section.parity_bound:.3g}) allows. The last good model stays. Report it: the converter is at fault."
        )
    bound = {"bound": section.parity_bound, "rows": int(test.sum())}
    described["parity"] = {**bound, "max_difference": rounded_up(difference)}
    inputs = schema.arrays(train[[column.name for column in columns.inputs]], columns.types)
    described["reference"] = drift_reference.reference(inputs, columns.types, answers, columns.task, classes)
    vouching = json_text(described).encode()
    write_together({MODEL / "model.pkl": content, MODEL / "model.onnx": onnx, MODEL / "manifest.json": vouching})
    version = described["version"]
    logging.info("save: version %s, both forms equal within %.1e on %d rows", version, difference, bound["rows"])


def _importance() -> dict[str, float]:
    """What each feature is worth by the evaluation, which may have had too few rows to say."""
    with IMPORTANCE.open(newline="", encoding="utf-8") as file:
        return {row["column"]: float(row["value"]) for row in csv.DictReader(file)}


def _file(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def main() -> None:
    """`python -m stages.save`."""
    run.stage("save", work)


if __name__ == "__main__":
    main()
