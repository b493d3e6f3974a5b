"""Training takes any table that has something to learn from, for each task, and names what it cannot take."""

from __future__ import annotations

import contextlib
import json
import logging
from pathlib import Path
from typing import Any

import joblib
import msgspec
import numpy as np
import onnxruntime
import pandas as pd
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from stages.adopt.train_defaults import suggest_train
from stages.core.errors import DataError, PipelineError
from stages.core.files import json_text, read_json
from stages.model.fitting import encode_labels, predict
from stages.model.params import Train
from stages.save import onnx_graph
from stages.table import csv_io
from stages.table.schema import Column, Schema, Target, encode_schema
from stages.train import __main__ as train
from stages.transform.definition import Definition, Feature

CLASSES = ["low", "middle", "never", "top"]
TASKS = ("binary", "multiclass", "regression")
QUICK = {"max_rounds": 20, "step": 10, "min_samples_leaf": 2, "trees": 5}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def target_of(raw: Any, task: str) -> Any:
    """The target column of each task that depends on a number; no row is of the third class."""
    if task == "regression":
        return np.exp(raw)
    return np.where(raw > 0, "yes", "no") if task == "binary" else np.array(CLASSES)[np.digitize(raw, [-1, 0.5, 0.5])]


def written(frame: pd.DataFrame, raw: Any, task: str, part: Any = None, **change: Any) -> None:
    """The files that train reads: every fifth row is held out, and every fifth validates."""
    Path("data").mkdir(exist_ok=True)
    types = {name: "number" if frame[name].dtype == np.float64 else "category" for name in frame}
    if part is None:
        part = np.array(["train", "validation", "train", "test", "train"])[np.arange(len(frame)) % 5]
    csv_io.write(train.FEATURES, frame.assign(y=target_of(raw, task), split=part))
    features = Definition([], [Feature(name, kind) for name, kind in types.items()])
    train.DEFINITION.write_text(json_text(msgspec.to_builtins(features)))
    classes = {"binary": ["no", "yes"], "multiclass": CLASSES, "regression": []}[task]
    target = Target("y", classes, "yes" if task == "binary" else None, "")
    columns = [Column("y", "number" if task == "regression" else "category", "target", False, "t")]
    Path("data/schema.json").write_bytes(encode_schema(Schema("t", task, target, [], columns)))
    section = msgspec.structs.replace(Train(**QUICK), **change)
    Path("params.yaml").write_text(json.dumps({"train": msgspec.to_builtins(section)}))


def trained(frame: pd.DataFrame, task: str) -> dict[str, Any]:
    """Train, and check what must hold of every model: finite answers, both forms equal, a recipe that fits again."""
    train.work()
    model = joblib.load(train.MODEL)
    said = predict(model, frame, task, len(CLASSES))
    assert np.isfinite(said).all()
    matrix = model["encode"].transform(frame)
    graph = onnx_graph.convert(model["model"], task, matrix.shape[1], len(CLASSES))
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    (served,) = session.run([onnx_graph.OUTPUT], {onnx_graph.INPUT: np.asarray(matrix, dtype=np.float64)})
    assert np.abs((served - said) / np.maximum(1, np.abs(said))).max() <= 1e-9
    metrics: dict[str, Any] = read_json(train.METRICS)
    curve = pd.read_csv(train.CURVE)
    assert list(curve.columns) == ["round", "train_loss", "validation_loss"]
    assert np.isfinite(curve).all(axis=None)
    assert metrics["losses"][metrics["estimator"]] == min(metrics["losses"].values())
    assert ("interval" in metrics) == (task == "regression")
    return metrics


MAKE = np.random.default_rng(7)


@pytest.fixture(autouse=True)
def _as_if_alone() -> None:
    """The same draws in any order of the tests."""
    MAKE.bit_generator.state = np.random.default_rng(7).bit_generator.state


HARD = {
    "twenty rows": lambda n: pd.DataFrame({"a": MAKE.normal(size=20)}),
    "one category": lambda n: pd.DataFrame({"c": MAKE.choice(["x", "y"], n)}),
    "always missing": lambda n: pd.DataFrame({"a": MAKE.normal(size=n), "m": [np.nan] * n, "c": [None] * n}),
    "constants": lambda n: pd.DataFrame({"a": MAKE.normal(size=n), "k": [5.0] * n, "c": ["x"] * n}),
    "many categories": lambda n: pd.DataFrame({"c": [f"v{at % 300}" for at in range(n)], "a": MAKE.normal(size=n)}),
    "categories known only to other rows": lambda n: pd.DataFrame(
        {"c": [f"{'xy'[at % 2]}{at % 5}" for at in range(n)], "a": MAKE.normal(size=n)}
    ),
    "very large and very small": lambda n: pd.DataFrame(
        {"a": MAKE.choice([-1e308, 1e300, 0.0], n), "b": MAKE.normal(size=n) * 1e-300}
    ),
}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("hard", HARD)
@pytest.mark.parametrize(
    "change",
    [{}, pytest.param({"folds": 3, "refit": True}, marks=pytest.mark.slow)],
    ids=["validation rows", "folds"],
)
def test_hard_tables_are_trained_on(hard: str, task: str, change: dict[str, Any]) -> None:
    # Given a table with little or nothing to learn from
    frame = HARD[hard](400)
    for name in frame.columns:
        if frame[name].dtype != np.float64:
            frame[name] = frame[name].astype("str").where(frame[name].notna(), None)
    raw = MAKE.normal(size=len(frame)) + (frame["a"].clip(-1, 1) if "a" in frame else 0)
    written(frame, np.asarray(raw), task, estimator="best", **change)

    # Then every estimator takes it
    assert set(trained(frame, task)["losses"]) == {"boosting", "linear", "forest", "blend"}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", ["boosting", "linear", "forest", "blend"])
@pytest.mark.parametrize("folds", [0, pytest.param(4, marks=pytest.mark.slow)])
@pytest.mark.parametrize("refit", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_every_way_of_choosing_and_fitting(task: str, name: str, folds: int, refit: bool) -> None:
    # Given a table and one of the ways
    frame = pd.DataFrame({"a": MAKE.normal(size=200), "c": MAKE.choice(["x", "y"], 200)}).astype({"c": "str"})
    raw = frame["a"].to_numpy() + MAKE.normal(size=200) * 0.2
    written(frame, raw, task, estimator=name, folds=folds, refit=refit)

    # When it is trained on, twice
    metrics = trained(frame, task)
    first = train.MODEL.read_bytes()
    train.work()

    # Then the bytes are the same, it learned, and a clone of it is fitted to the same answers on the same rows
    assert train.MODEL.read_bytes() == first
    measure, least = {"binary": ("auc", 0.8), "multiclass": ("accuracy", 0.6), "regression": ("r2", 0.2)}[task]
    assert metrics["validation"][measure] > least
    rows = csv_io.read(
        train.FEATURES, {"a": "number", "c": "category", "y": "number" if task == "regression" else "category"}
    )
    own = (rows["split"] != "test" if refit else rows["split"] == "train").to_numpy()
    model = joblib.load(train.MODEL)
    known = encode_labels(rows["y"], task, Target("y", CLASSES, "yes", ""))
    again = clone(model).fit(frame[own], known[own])
    assert np.array_equal(predict(again, frame, task, 4), predict(model, frame, task, 4))


def test_the_interval_comes_from_rows_that_were_not_fitted_on() -> None:
    # Given noise that a forest of whole trees learns by heart
    frame = pd.DataFrame({"a": MAKE.normal(size=500)})
    written(frame, MAKE.normal(size=500), "regression", estimator="forest", refit=True, interval=0.9)

    # When it is trained on
    metrics = trained(frame, "regression")

    # Then the interval is as wide as the noise of new rows
    noise = np.exp(MAKE.normal(size=10_000))
    assert metrics["interval"]["share"] == 0.9
    width = np.mean(metrics["interval"]["below"]) + np.mean(metrics["interval"]["above"])
    assert width > 0.7 * np.subtract(*np.quantile(noise, [0.95, 0.05]))


def test_small_values_are_shown_with_digits_enough() -> None:
    frame = pd.DataFrame({"a": MAKE.normal(size=200)})
    written(frame, frame["a"].to_numpy() - 20, "regression", estimator="linear")
    metrics = trained(frame, "regression")
    assert 0 < metrics["validation"]["mae"] < 1e-7
    assert 0 < metrics["losses"]["linear"] < 1e-14


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_a_class_too_rare_for_folds_is_named(task: str) -> None:
    frame = pd.DataFrame({"a": np.arange(30.0)})
    written(frame, np.where(np.arange(30) == 0, 1.0, -2.0), task, folds=5, refit=True)
    with pytest.raises(DataError, match="too few rows of a class"):
        train.work()


def test_the_log_tells_what_each_estimator_reached(caplog: pytest.LogCaptureFixture) -> None:
    frame = pd.DataFrame({"a": MAKE.normal(size=100)})
    written(frame, frame["a"].to_numpy(), "binary", estimator="best")
    with caplog.at_level(logging.INFO):
        train.work()
    for name in ("boosting", "linear", "forest"):
        assert f"train: {name}, validation loss" in caplog.text


@pytest.mark.parametrize("rows", [20, 300, 2_000, 100_000])
@pytest.mark.parametrize("task", TASKS)
def test_what_is_suggested_chooses_by_folds_where_a_part_would_be_few_rows(rows: int, task: str) -> None:
    section = suggest_train(rows, task)
    assert (section.estimator, section.refit) == ("best", True)
    assert bool(section.folds) == (rows <= 2_000)
    assert not suggest_train(rows, task, "time").folds


def test_many_classes_are_trained_on_in_few_rounds_and_no_folds() -> None:
    few, many = suggest_train(2_000, "multiclass", "hash", 3), suggest_train(2_000, "multiclass", "hash", 16)
    assert (few.folds, many.folds) == (5, 0)
    assert many.learning_rate > few.learning_rate


@given(st.integers(0, 2**32 - 1), st.integers(8, 60), st.sampled_from(TASKS), st.integers(0, 1), st.booleans())
@examples(20)
def test_any_small_table_is_trained_on_or_refused_in_words(
    seed: int, rows: int, task: str, folds: int, refit: bool
) -> None:
    # Given few rows of anything, most of it missing
    make = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": make.choice([0.0, 1.5, -1e6, np.nan], rows), "b": make.normal(size=rows)})
    frame["c"] = pd.Series(make.choice(["x", "y", "z", ""], rows), dtype="str").replace("", None)
    part = make.choice(["train", "validation", "test"], rows, p=[0.5, 0.3, 0.2])
    written(frame, make.normal(size=rows), task, part, estimator="best", folds=3 * folds, refit=refit, max_rounds=10)

    # Then there is a model, or an error of ours
    with contextlib.suppress(PipelineError):
        trained(frame, task)
