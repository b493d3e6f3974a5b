"""The service answers as the pickled pipeline does: every hold-out row, alone and among others, and at every edge."""

from __future__ import annotations

import csv
import itertools
import json
import math
import random
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import onnx
from desk import answers, ask, exchange, request

from bench.serving.apps.pickled import Pickled
from serve.http.active_model import ActiveModel
from serve.http.app import Gateway
from serve.scoring import loader
from serve.settings import Settings
from stages.model import fitting
from stages.serve.cells import parse_cell

EDGES = 300


async def inner(*_: Any) -> None:
    """Nothing is asked of BentoML here."""


def gateway_of(folder: Path) -> Gateway:
    none: Any = None
    settings = Settings(max_rows=10_000, max_body=10**8, max_wait_s=60.0)
    found = ActiveModel(loader.load(folder, "candidate"), settings.max_rows, dict)
    return Gateway(inner, {"/predict"}, settings, found, none)


def asgi(gateway: Gateway, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    start, said = ask(gateway, "POST", "/predict", json.dumps({"rows": rows}).encode())
    assert start["status"] == 200, said
    return json.loads(said["body"])["predictions"]


def wired(gateway: Gateway, *requests: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The predictions of each request, all sent over one connection."""
    sent = [request(json.dumps({"rows": rows}).encode()) for rows in requests]
    said = answers(exchange(gateway, *sent))
    assert {status for status, _ in said} == {200}
    return [body["predictions"] for _, body in said]


def clean_rows(folder: Path) -> list[dict[str, Any]]:
    """The inputs of all rows of data/clean.csv, as a request has them."""
    types = {column["name"]: column["type"] for column in manifest(folder)["inputs"]}
    with (folder / "data/clean.csv").open(newline="", encoding="utf-8") as file:
        return [{name: parse_cell(row[name], kind) for name, kind in types.items()} for row in csv.DictReader(file)]


def manifest(folder: Path) -> Any:
    return json.loads((folder / "model/manifest.json").read_text())


def numbers(prediction: dict[str, Any], about: Any) -> list[float]:
    """As the model gives them: the chance of the positive class, of each class, or the number."""
    if about["task"] == "regression":
        return [prediction["prediction"]]
    if about["task"] == "binary":
        return [prediction["probabilities"][about["target"]["positive"]]]
    return [prediction["probabilities"][name] for name in about["target"]["classes"]]


def edges(folder: Path, rows: list[dict[str, Any]], draw: random.Random) -> list[dict[str, Any]]:
    """Rows with values at and beside the model's own split points, at the ends of their types, unknown, missing."""
    about = manifest(folder)
    columns = [column["name"] for column in about["features"]["columns"]]
    graph = onnx.load(folder / "model/model.onnx").graph
    points: dict[str, list[float]] = {}
    for node in graph.node:
        given = {entry.name: onnx.helper.get_attribute_value(entry) for entry in node.attribute}
        if "nodes_splits" in given:
            splits = onnx.numpy_helper.to_array(given["nodes_splits"])
            for place, split in zip(given["nodes_featureids"], splits.tolist(), strict=True):
                if math.isfinite(split):  # a tree of one leaf has none
                    points.setdefault(columns[place], []).append(split)
    made = []
    for _ in range(EDGES):
        row = dict(draw.choice(rows))
        for column in draw.sample(about["inputs"], min(3, len(about["inputs"]))):
            row[column["name"]] = edge(column, points.get(column["name"], []), row[column["name"]], draw)
        made.append(row)
    assert any(points.values()) or about["estimator"] == "linear"
    return made


def edge(column: dict[str, Any], points: list[float], own: Any, draw: random.Random) -> Any:
    kind, choices = column["type"], [own]
    if column["nullable"]:
        choices.append(None)
    if kind == "number":
        choices += [1e300, -1e300, 5e-324, -0.0]
        if points:
            point = draw.choice(points)
            choices += [point, math.nextafter(point, math.inf), math.nextafter(point, -math.inf)] * 4
    if kind == "integer":
        choices += [2**53, -(2**53), 0, *(int(draw.choice(points)) for _ in range(8) if points)]
    if kind == "category":
        choices += ["no such thing", "", "\U0001f600"]
    if kind == "date":
        choices += ["1970-01-01", "2000-02-29", "2100-03-01", "1900-12-31"]
    return draw.choice([choice for choice in choices if choice is not None or column["nullable"]])


def pickled(folder: Path, rows: list[dict[str, Any]]) -> list[list[float]]:
    """What the pickled pipeline gives for the rows, through the frame functions of the features stage."""
    about = manifest(folder)
    features = Pickled(folder / "model").features(rows)
    fitted = joblib.load(folder / "model/model.pkl")
    found = fitting.predict(fitted, features, about["task"], len(about["target"]["classes"]))
    if about["task"] == "regression":  # what is served does not pass the target's ends
        found = np.clip(found, about["interval"].get("least", -np.inf), about["interval"].get("most", np.inf))
    return [list(map(float, row)) for row in found]


def check(folder: Path) -> None:
    """The whole promise for the model of one repository."""
    about, gateway, draw = manifest(folder), gateway_of(folder), random.Random(7)
    bound = about["parity"]["bound"]
    every = clean_rows(folder)
    rows = every + edges(folder, every, draw)
    expected = np.array(pickled(folder, rows))
    scale = np.maximum(1.0, np.abs(expected)) if about["task"] == "regression" else 1.0

    def same(predictions: list[dict[str, Any]]) -> None:
        found = np.array([numbers(prediction, about) for prediction in predictions])
        assert (np.abs(found - expected) / scale).max() <= bound

    # one by one, in batches of any size over one connection, and all at once
    same([prediction for [prediction] in wired(gateway, *([row] for row in rows))])
    cuts = sorted(draw.sample(range(1, len(rows)), min(40, len(rows) - 1)))
    batches = [rows[start:end] for start, end in itertools.pairwise([0, *cuts, len(rows)])]
    same([prediction for batch in wired(gateway, *batches) for prediction in batch])
    same(asgi(gateway, rows))

    # and so says the hold-out's table
    with (folder / "data/predictions.csv").open(newline="", encoding="utf-8") as file:
        told = list(csv.DictReader(file))
    held = wired(gateway, [every[int(line["row"])] for line in told])[0]
    for line, prediction in zip(told, held, strict=True):
        if about["task"] == "regression":
            assert math.isclose(prediction["prediction"], float(line["prediction"]), rel_tol=1e-6, abs_tol=1e-6)
        else:
            assert prediction["prediction"] == line["prediction"]
            assert all(abs(chance - float(line[name])) <= 1e-8 for name, chance in named(prediction, about).items())


def named(prediction: dict[str, Any], about: Any) -> dict[str, float]:
    """The chances as data/predictions.csv calls them."""
    if about["task"] == "binary":
        return {"probability": prediction["probabilities"][about["target"]["positive"]]}
    return {f"probability_{name}": chance for name, chance in prediction["probabilities"].items()}
