"""A model small enough to score by hand: four trees over eight inputs, one of each type, as `save` would write it."""

from __future__ import annotations

import csv
import datetime
import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper

VERSION = "0123456789ab"
THRESHOLD = 0.4
INPUTS = [
    {"name": "carrier", "type": "category", "nullable": False},
    {"name": "day", "type": "date", "nullable": False, "low": "2013-01-01", "high": "2013-12-31"},
    {"name": "sched", "type": "integer", "nullable": False, "low": 1.0, "high": 2359.0},
    {"name": "temp", "type": "number", "nullable": True, "low": 10.0, "high": 100.0},
    {"name": "seats", "type": "integer", "nullable": True, "low": 2.0, "high": 450.0},
    {"name": "holiday", "type": "boolean", "nullable": True},
    {"name": "seen", "type": "time", "nullable": True, "low": "2013-01-01T05:00:00Z", "high": "2013-12-31T23:00:00Z"},
    {"name": "kind of plane", "type": "category", "nullable": True},
]
DERIVE = [
    {"name": "minutes", "kind": "clock_minutes", "of": ["sched"]},
    {"name": "weekday", "kind": "weekday", "of": ["day"]},
    {"name": "hour", "kind": "hour", "of": ["seen"]},
]
COLUMNS: list[dict[str, Any]] = [
    {"name": "carrier", "type": "category", "codes": {"UA": 0, "AA": 1}},
    {"name": "temp", "type": "number"},
    {"name": "seats", "type": "integer"},
    {"name": "holiday", "type": "boolean"},
    {"name": "kind of plane", "type": "category", "codes": {"jet": 0, "propeller": 1}},
    {"name": "minutes", "type": "number"},
    {"name": "weekday", "type": "number"},
    {"name": "hour", "type": "number"},
]
TREES = [  # column, mode (0: <=, 6: one of), value, does a missing one go left, left, right
    ("minutes", 0, 720.0, 1, -1.0, 0.4),
    ("carrier", 6, 0.0, 0, -0.3, 0.8),
    ("temp", 0, 50.5, 0, -0.2, 0.5),
    ("weekday", 0, 4.0, 0, 0.1, -0.6),
]
BASE = -0.25
ROW = {"carrier": "UA", "day": "2013-11-30", "sched": 1815, "temp": 39.5, "seats": 180, "holiday": False,
       "seen": "2013-11-30T17:00:00Z", "kind of plane": "jet"}  # fmt: skip


def chance(row: dict[str, Any]) -> float:
    """The probability of "yes", worked out without the service, NumPy or ONNX."""
    sched, temp = row["sched"], row.get("temp")
    raw = BASE
    raw += -1.0 if sched // 100 * 60 + sched % 100 <= 720 else 0.4
    raw += -0.3 if row["carrier"] == "UA" else 0.8
    raw += -0.2 if temp is not None and temp <= 50.5 else 0.5
    raw += 0.1 if datetime.date.fromisoformat(row["day"]).weekday() <= 4 else -0.6
    return 1 / (1 + math.exp(-raw))


def rows(count: int) -> list[dict[str, Any]]:
    """Rows on both sides of every split, with missing values."""
    return [
        {
            "carrier": ["UA", "AA"][number % 2],
            "day": f"2013-11-{number % 30 + 1:02d}",
            "sched": 500 + number % 18 * 100 + number % 60,
            "temp": None if number % 7 == 0 else 20.0 + number % 60 + 0.5,
            "seats": number % 400 + 2,
            "holiday": number % 5 == 0,
            "seen": None if number % 3 else f"2013-11-{number % 30 + 1:02d}T{number % 24:02d}:00:00Z",
            "kind of plane": ["jet", "propeller", None][number % 3],
        }
        for number in range(count)
    ]


def write(folder: Path, version: str = VERSION) -> None:
    """model.onnx and manifest.json, as `save` writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    content = graph()
    (folder / "model.onnx").write_bytes(content)
    files = {"model.onnx": {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}}
    (folder / "manifest.json").write_text(json.dumps(manifest(version) | {"files": files}, indent=2))


def manifest(version: str = VERSION) -> dict[str, Any]:
    """The manifest but for its `files`."""
    return {
        "format": 1,
        "version": version,
        "task": "binary",
        "target": {"name": "late", "classes": ["no", "yes"], "positive": "yes", "definition": "arr_delay > 15"},
        "threshold": THRESHOLD,
        "inputs": INPUTS,
        "features": {"derive": DERIVE, "columns": COLUMNS},
        "onnx": {"input": "X", "output": "p"},
        "parity": {"bound": 1e-9, "max_difference": 0.0, "rows": 0},
        "metrics": {"auc": 0.7},
        "provenance": {},
    }


def graph() -> bytes:
    """The four trees in the form the real converter writes: one float64 TreeEnsemble, then the sigmoid."""
    names = [column["name"] for column in COLUMNS]
    count = len(TREES)
    doubles = {
        "nodes_splits": [value for _, _, value, _, _, _ in TREES],
        "leaf_weights": [weight for *_, left, right in TREES for weight in (left, right)],
        "membership_values": [value for _, mode, value, *_ in TREES if mode == 6 for value in (value, np.nan)],
    }
    ensemble = helper.make_node(
        "TreeEnsemble", ["X"], ["raw"], domain="ai.onnx.ml", aggregate_function=1, post_transform=0, n_targets=1,
        nodes_featureids=[names.index(name) for name, *_ in TREES],
        nodes_modes=helper.make_tensor("modes", TensorProto.UINT8, [count], [mode for _, mode, *_ in TREES]),
        nodes_truenodeids=[2 * tree for tree in range(count)], nodes_trueleafs=[1] * count,
        nodes_falsenodeids=[2 * tree + 1 for tree in range(count)], nodes_falseleafs=[1] * count,
        nodes_missing_value_tracks_true=[missing for _, _, _, missing, _, _ in TREES],
        leaf_targetids=[0] * (2 * count), tree_roots=list(range(count)),
        **{name: helper.make_tensor(name, TensorProto.DOUBLE, [len(held)], held) for name, held in doubles.items()},
    )  # fmt: skip
    steps = [ensemble, helper.make_node("Add", ["raw", "base"], ["z"]), helper.make_node("Sigmoid", ["z"], ["p"])]
    ends = [
        helper.make_tensor_value_info("X", TensorProto.DOUBLE, [None, len(names)]),
        helper.make_tensor_value_info("p", TensorProto.DOUBLE, [None, 1]),
    ]
    base = helper.make_tensor("base", TensorProto.DOUBLE, [1], [BASE])
    made = helper.make_graph(steps, "tiny", ends[:1], ends[1:], [base])
    sets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 5)]
    content: bytes = helper.make_model(made, opset_imports=sets, ir_version=10).SerializeToString()
    return content


def write_hold_out(data: Path, count: int = 60) -> None:
    """data/clean.csv and data/predictions.csv, as clean and evaluate write them; the second half is the hold-out."""
    data.mkdir(parents=True, exist_ok=True)
    table = rows(count)
    labels = ["yes" if number % 3 == 0 else "no" for number in range(count)]
    with (data / "clean.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["note", *ROW, "late"], lineterminator="\n")
        writer.writeheader()
        for row, label in zip(table, labels, strict=True):
            told = {name: str(value).lower() if isinstance(value, bool) else value for name, value in row.items()}
            writer.writerow({"note": "no input, with a comma", **told, "late": label})
    with (data / "predictions.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["row", "late", "probability", "prediction", "baseline", "champion"])
        for number in range(count // 2, count):
            probability = chance(table[number])
            prediction = "yes" if probability >= THRESHOLD else "no"
            writer.writerow([number, labels[number], f"{probability:.9f}", prediction, "0.2", ""])
