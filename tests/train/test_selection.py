"""The estimator is chosen by rows it was not fitted on; its recipe fits again to the same, on any number of cores."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from stages.core.errors import TrainError
from stages.model.estimators import build_linear, fit_encoder
from stages.model.fitting import predict
from stages.model.params import Train
from stages.train import blend, checkpoint, selection
from stages.train.boosting import Rows, Split
from stages.train.selection import CandidateResult
from stages.train.splits import encode_splits, split_rows

SECTION = Train(max_rounds=20, step=10, min_samples_leaf=5, trees=10)
TASKS = ("binary", "multiclass", "regression")
CHANGES: list[dict[str, Any]] = [{}, {"folds": 3}]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def table(task: str, rows: int = 240, curved: bool = False) -> tuple[pd.DataFrame, Any]:
    """Two numbers and a category, and labels that depend on them along a line, or not."""
    make = np.random.default_rng(7)
    frame = pd.DataFrame({"a": make.normal(size=rows), "b": make.normal(size=rows)})
    frame["c"] = pd.Series(make.choice(["x", "y", "z"], rows), dtype="str")
    raw = np.sign(frame["a"] * frame["b"]).to_numpy() if curved else (frame["a"] * 2 + frame["b"]).to_numpy()
    raw = raw + make.normal(size=rows) * 0.2
    return frame, {"binary": raw > 0, "multiclass": np.digitize(raw, [-0.5, 0.5]), "regression": raw}[task]


def tried(task: str, section: Train, curved: bool = False) -> tuple[list[CandidateResult], list[Split], Any]:
    """What is tried on a table of which the last quarter validates."""
    frame, labels = table(task, curved=curved)
    part = np.where(np.arange(len(frame)) < 180, "train", "validation").astype(object)
    encode = partial(fit_encoder, types={"a": "number", "b": "number", "c": "category"}, section=section)
    both = encode_splits(frame, labels, split_rows(part, labels, section, task), encode, task, 3)
    found, _ = selection.evaluate_candidates(section, 1, both, "key")
    return found, both, encode


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(("curved", "wanted"), [(False, {"linear"}), (True, {"boosting", "forest"})])
def test_the_best_is_what_the_table_asks_for(task: str, curved: bool, wanted: set[str]) -> None:
    found, _, _ = tried(task, Train(max_rounds=60, min_samples_leaf=5, estimator="best"), curved)
    assert [one.name for one in found] == ["boosting", "linear", "forest", "blend"]
    assert min(found[:3], key=lambda one: one.loss).name in wanted
    assert selection.select_best(found, "best").loss == min(one.loss for one in found)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("change", CHANGES, ids=["validation rows", "folds"])
def test_what_is_said_of_rows_comes_from_fits_without_them(task: str, change: dict[str, Any]) -> None:
    # Given every estimator, judged
    found, both, _ = tried(task, Train(max_rounds=20, step=10, min_samples_leaf=5, trees=5, estimator="best", **change))

    # Then its recipe, fitted anew on each pair's one side, says the same of the other
    for one in found:
        models = [selection.fit_clone(one.estimator, *pair.train) for pair in both]
        said = [predict(model, pair.validation.matrix, task, 3) for model, pair in zip(models, both, strict=True)]
        assert np.array_equal(np.concatenate(said), one.predictions)
        assert len(one.predictions) == len(selection.validation_labels(both)) == (240 if change else 60)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", ["boosting", "linear", "forest"])
def test_a_clone_of_the_kept_pipeline_is_fitted_to_the_same_bytes(name: Any, task: str) -> None:
    # Given the pipeline that training would keep
    section = Train(max_rounds=20, step=10, min_samples_leaf=5, trees=10, estimator=name)
    (one,), _, encode = tried(task, section)
    frame, labels = table(task)
    fresh = encode(frame.head(180))
    kept = Pipeline([("encode", fresh), ("model", one.fitted)])

    # When its clone is fitted on the same rows
    again = selection.fit_clone(kept, frame.head(180), labels[:180])
    again["model"].__dict__.get("_bin_mapper", again["model"]).n_threads = None

    # Then it is the same recipe: as many rounds, no warm start, the same answers, and nothing of the project's own
    assert b"stages" not in checkpoint.pack(kept)
    assert np.array_equal(predict(again, frame, task, 3), predict(kept, frame, task, 3))
    assert again["model"].get_params().keys() == kept["model"].get_params().keys()
    assert not again["model"].get_params().get("warm_start")
    if name == "boosting":
        assert again["model"].n_iter_ == one.rounds == kept["model"].n_iter_


@pytest.mark.parametrize("task", TASKS)
def test_the_number_of_cores_shows_in_no_fit(task: str) -> None:
    # Given estimators fitted with one thread and with as many as there are
    fits = []
    for threads in (1, None):
        with threadpool_limits(threads):
            found, both, _ = tried(task, Train(max_rounds=20, step=10, min_samples_leaf=5, trees=5, estimator="best"))
        fits.append([checkpoint.pack(one.fitted) for one in found[:3]])
        every = blend.build_blend({one.name: (one.estimator, 1 / 3) for one in found[:3]}, task)
        with threadpool_limits(threads):
            fits[-1].append(checkpoint.pack(selection.fit_clone(every, *both[0].train)))
    assert fits[0] == fits[1]


def test_a_forest_is_not_tried_on_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "FOREST_ROWS", 100)
    found, _, _ = tried("binary", Train(max_rounds=10, step=10, estimator="best"))
    assert [one.name for one in found] == ["boosting", "linear", "blend"]


def test_what_cannot_be_fitted_is_an_error_that_says_where_to_look() -> None:
    rows = Rows(np.array([[0.0], [1.0]]), np.array([True, True]))
    with pytest.raises(TrainError, match=r"refused: .* Look at the columns of data/features.csv"):
        selection.evaluate("linear", build_linear(0, 1, "binary", 1.0), [Split(rows, rows, "binary", 2)])
