"""Models small enough to score by hand, one for each task, over nine inputs of all types, as `save` would write them.

Five trees give the raw score. Of a binary task it becomes the chance of "yes", of a regression it is the number, and of
a multiclass task tree by tree it goes to one of three classes.
"""

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

KEPT = ("manifest.json", "model.onnx")
TASKS = ("binary", "multiclass", "regression")
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
    {"name": "comfort", "type": "ordinal", "nullable": True, "levels": ["low", "medium", "high"]},
]
DERIVE = [
    {"name": "minutes", "kind": "clock_minutes", "of": ["sched"]},
    {"name": "weekday", "kind": "weekday", "of": ["day"]},
    {"name": "hour", "kind": "hour", "of": ["seen"]},
]
COLUMNS: list[dict[str, Any]] = [
    {"name": "carrier", "type": "category", "codes": {"UA": 0, "AA": 1}},
    {"name": "kind of plane", "type": "category", "codes": {"jet": 0, "propeller": 1}},
    {"name": "temp", "type": "number"},
    {"name": "seats", "type": "number"},
    {"name": "holiday", "type": "number"},
    {"name": "comfort", "type": "ordinal", "codes": {"low": 0, "medium": 1, "high": 2}},
    {"name": "minutes", "type": "number"},
    {"name": "weekday", "type": "number"},
    {"name": "hour", "type": "number"},
]
TREES = [  # column, mode (0: <=, 6: one of), value, does a missing one go left, left, right
    ("minutes", 0, 720.0, 1, -1.0, 0.4),
    ("carrier", 6, 0.0, 0, -0.3, 0.8),
    ("temp", 0, 50.5, 0, -0.2, 0.5),
    ("weekday", 0, 4.0, 0, 0.1, -0.6),
    ("comfort", 0, 1.0, 0, 0.05, -0.15),
]
BASE = -0.25
BELOW, ABOVE = 0.5, 0.75
TARGETS: dict[str, dict[str, Any]] = {
    "binary": {"name": "late", "classes": ["no", "yes"], "positive": "yes", "definition": "arr_delay > 15"},
    "multiclass": {"name": "late", "classes": ["a little", "no", "very"], "positive": None, "definition": ""},
    "regression": {"name": "late", "classes": [], "positive": None, "definition": ""},
}
ROW = {"carrier": "UA", "day": "2013-11-30", "sched": 1815, "temp": 39.5, "seats": 180, "holiday": False,
       "seen": "2013-11-30T17:00:00Z", "kind of plane": "jet", "comfort": "high"}  # fmt: skip
READING: dict[str, Any] = {
    "missing": [""],
    "names": [],
    "columns": {
        str(column["name"]): {
            "type": column["type"],
            "format": " < ".join(column.get("levels", [])),
            "levels": column.get("levels", []),
            "missing": [],
        }
        for column in INPUTS
    },
    "dates": {},
    "define": {},
    "joins": {},
}
"""Source spellings that are the clean ones."""


def leaves(row: dict[str, Any]) -> list[float]:
    """What each tree gives for a row, worked out without the service, NumPy or ONNX."""
    sched, temp = row["sched"], row.get("temp")
    return [
        -1.0 if sched // 100 * 60 + sched % 100 <= 720 else 0.4,
        -0.3 if row["carrier"] == "UA" else 0.8,
        -0.2 if temp is not None and temp <= 50.5 else 0.5,
        0.1 if datetime.date.fromisoformat(row["day"]).weekday() <= 4 else -0.6,
        0.05 if row.get("comfort") in ("low", "medium") else -0.15,
    ]


def number(row: dict[str, Any]) -> float:
    """The number the regression predicts."""
    return BASE + sum(leaves(row))


def chance(row: dict[str, Any]) -> float:
    """The probability of "yes"."""
    return 1 / (1 + math.exp(-number(row)))


def chances(row: dict[str, Any]) -> dict[str, float]:
    """The probability of each of the three classes; the trees go to them in turn."""
    given = leaves(row)
    powers = [math.exp(sum(given[place::3])) for place in range(3)]
    return {name: power / sum(powers) for name, power in zip(TARGETS["multiclass"]["classes"], powers, strict=True)}


def answer(row: dict[str, Any], task: str) -> dict[str, Any]:
    """What the service says of a row, but for warnings and the last digits."""
    if task == "regression":
        return {"prediction": number(row), "interval": [number(row) - BELOW, number(row) + ABOVE]}
    if task == "multiclass":
        said = chances(row)
        return {"prediction": max(said, key=lambda name: said[name]), "probabilities": said}
    label = "yes" if chance(row) >= THRESHOLD else "no"
    return {"prediction": label, "probabilities": {"no": 1 - chance(row), "yes": chance(row)}}


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
            "comfort": ["low", "medium", "high", None][number % 4],
        }
        for number in range(count)
    ]


def write(folder: Path, version: str = VERSION, task: str = "binary", **values: Any) -> None:
    """model.onnx and manifest.json, as `save` writes them; `values` take the place of the manifest's own."""
    folder.mkdir(parents=True, exist_ok=True)
    content = graph(task)
    (folder / "model.onnx").write_bytes(content)
    files = {"model.onnx": {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}}
    (folder / "manifest.json").write_text(json.dumps(manifest(version, task) | {"files": files} | values, indent=2))


def approve(model: Path, version: str, task: str = "binary", **values: Any) -> None:
    """A champion and its pointer, as `approve` writes them."""
    write(model / "champion", version, task, **values)
    files = {name: hashlib.sha256((model / "champion" / name).read_bytes()).hexdigest() for name in KEPT}
    (model / "champion.json").write_text(json.dumps({"version": version, "files": files}))


def manifest(version: str = VERSION, task: str = "binary") -> dict[str, Any]:
    """The manifest but for its `files`."""
    return {
        "format": 2,
        "version": version,
        "task": task,
        "target": TARGETS[task],
        "threshold": THRESHOLD if task == "binary" else None,
        "interval": {"share": 0.8, "below": BELOW, "above": ABOVE} if task == "regression" else None,
        "estimator": "boosting",
        "inputs": INPUTS,
        "reading": READING,
        "features": {"derive": DERIVE, "columns": COLUMNS},
        "onnx": {"input": "X", "output": "p"},
        "parity": {"bound": 1e-9, "max_difference": 0.0, "rows": 0},
        "metrics": {"auc": 0.7},
        "provenance": {"data": {}, "params": {}, "packages": {}},
    }


def graph(task: str = "binary") -> bytes:
    """The trees in the form the real converter writes: one float64 TreeEnsemble, then what the task makes of it."""
    names = [column["name"] for column in COLUMNS]
    count, width = len(TREES), 3 if task == "multiclass" else 1
    doubles = {
        "nodes_splits": [value for _, _, value, _, _, _ in TREES],
        "leaf_weights": [weight for *_, left, right in TREES for weight in (left, right)],
        "membership_values": [value for _, mode, value, *_ in TREES if mode == 6 for value in (value, np.nan)],
    }
    ensemble = helper.make_node(
        "TreeEnsemble", ["X"], ["raw"], domain="ai.onnx.ml", aggregate_function=1, post_transform=0, n_targets=width,
        nodes_featureids=[names.index(name) for name, *_ in TREES],
        nodes_modes=helper.make_tensor("modes", TensorProto.UINT8, [count], [mode for _, mode, *_ in TREES]),
        nodes_truenodeids=[2 * tree for tree in range(count)], nodes_trueleafs=[1] * count,
        nodes_falsenodeids=[2 * tree + 1 for tree in range(count)], nodes_falseleafs=[1] * count,
        nodes_missing_value_tracks_true=[missing for _, _, _, missing, _, _ in TREES],
        leaf_targetids=[tree % width for tree in range(count) for _ in range(2)], tree_roots=list(range(count)),
        **{name: helper.make_tensor(name, TensorProto.DOUBLE, [len(held)], held) for name, held in doubles.items()},
    )  # fmt: skip
    add = helper.make_node("Add", ["raw", "base"], ["p" if task == "regression" else "z"])
    steps = {
        "binary": [ensemble, add, helper.make_node("Sigmoid", ["z"], ["p"])],
        "multiclass": [ensemble, helper.make_node("Softmax", ["raw"], ["p"], axis=1)],
        "regression": [ensemble, add],
    }
    ends = [
        helper.make_tensor_value_info("X", TensorProto.DOUBLE, [None, len(names)]),
        helper.make_tensor_value_info("p", TensorProto.DOUBLE, [None, width]),
    ]
    base = helper.make_tensor("base", TensorProto.DOUBLE, [1], [BASE])
    made = helper.make_graph(steps[task], "tiny", ends[:1], ends[1:], [base] if task != "multiclass" else [])
    sets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 5)]
    content: bytes = helper.make_model(made, opset_imports=sets, ir_version=10).SerializeToString()
    return content


def actual(place: int, task: str) -> str:
    """What became of a row: right and wrong for each class, near and far from the number."""
    if task == "regression":
        return f"{number(rows(place + 1)[-1]) + (-1) ** place * place / 100:.3f}"
    classes = TARGETS[task]["classes"]
    return str(classes[place % 3 == 0] if task == "binary" else classes[place % 3])


def write_hold_out(data: Path, count: int = 60, task: str = "binary") -> None:
    """data/clean.csv and data/predictions.csv, as clean and evaluate write them; the second half is the hold-out."""
    data.mkdir(parents=True, exist_ok=True)
    table = rows(count)
    labels = [actual(place, task) for place in range(count)]
    with (data / "clean.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["note", *ROW, "late"], lineterminator="\n")
        writer.writeheader()
        for row, label in zip(table, labels, strict=True):
            told = {name: str(value).lower() if isinstance(value, bool) else value for name, value in row.items()}
            writer.writerow({"note": "no input, with a comma", **told, "late": label})
    lines = []
    for place in range(count // 2, count):
        said = answer(table[place], task)
        line = {"row": str(place), "late": labels[place]}
        if task == "binary":
            line["probability"] = f"{said['probabilities']['yes']:.9f}"
        line["prediction"] = f"{said['prediction']:.9f}" if task == "regression" else said["prediction"]
        if task == "regression":
            line |= dict(zip(["low", "high"], [f"{end:.9f}" for end in said["interval"]], strict=True))
        if task == "multiclass":
            line |= {f"probability_{name}": f"{p:.9f}" for name, p in said["probabilities"].items()}
        lines.append({**line, "baseline": "0.2", "champion": ""})
    with (data / "predictions.csv").open("w", newline="", encoding="utf-8") as file:
        table_writer = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
        table_writer.writeheader()
        table_writer.writerows(lines)
