"""The blend: shares that lower the loss, a recipe that fits again, and an ONNX form that answers the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from stages.model.estimators import build_booster, build_forest, build_linear
from stages.model.fitting import predict
from stages.model.params import Train
from stages.save import onnx_graph
from stages.train import blend, checkpoint, selection
from stages.train.boosting import Rows, Split
from stages.train.losses import losses
from stages.train.selection import CandidateResult

TASKS = ("binary", "multiclass", "regression")
Floats = npt.NDArray[np.float64]


def table(seed: int, rows: int, task: str, known: tuple[int, ...] = (0, 1, 3)) -> tuple[Floats, Any]:
    """A column of codes, two of numbers, some missing, and labels of the known classes that depend on them."""
    make = np.random.default_rng(seed)
    matrix = np.column_stack([make.integers(0, 6, rows), make.normal(size=(rows, 2)) * [1, 1e4]])
    raw = np.sin(matrix[:, 0]) + matrix[:, 1] + (matrix[:, 2] > 0) + make.normal(size=rows) * 0.3
    matrix[make.random(matrix.shape) < 0.1] = np.nan
    levels = np.quantile(raw, np.arange(1, len(known)) / len(known))
    return matrix, {
        "binary": raw > 0,
        "multiclass": np.asarray(known)[np.digitize(raw, levels)],
        "regression": np.exp(raw),
    }[task]


def recipe(task: str, shares: tuple[float, float, float] = (0.2, 0.4, 0.4)) -> Any:
    """A blend of three small estimators."""
    section = Train(max_rounds=10, min_samples_leaf=5, trees=4)
    first = build_booster(1, section, task).set_params(max_iter=10, warm_start=False)
    made = {"boosting": first, "linear": build_linear(1, 3, task, 1.0), "forest": build_forest(section, task, 50)}
    parts = {name: (one, share) for (name, one), share in zip(made.items(), shares, strict=True) if share}
    return blend.build_blend(parts, task)


def served(model: Any, asked: Floats, task: str) -> Floats:
    """What the ONNX form says."""
    content = onnx_graph.convert(model, task, asked.shape[1], 4).SerializeToString(deterministic=True)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return np.asarray(session.run([onnx_graph.OUTPUT], {onnx_graph.INPUT: asked})[0])


@pytest.mark.parametrize("task", TASKS)
def test_it_answers_with_the_mean_of_its_parts(task: str) -> None:
    # Given a blend, and its parts fitted alone
    matrix, labels = table(7, 300, task)
    model = selection.fit_clone(recipe(task), matrix, labels)
    alone = [selection.fit_clone(one, matrix, labels) for _, one in recipe(task).estimators]

    # Then its answers are theirs by their shares, and a class without rows has probability 0
    said = predict(model, matrix, task, 4)
    parts = [predict(one, matrix, task, 4) for one in alone]
    assert np.allclose(said, 0.2 * parts[0] + 0.4 * parts[1] + 0.4 * parts[2], rtol=1e-12, atol=0)
    if task == "multiclass":
        assert not said[:, 2].any()


@pytest.mark.parametrize("task", TASKS)
def test_a_clone_is_fitted_to_the_same_bytes_on_any_number_of_cores(task: str) -> None:
    matrix, labels = table(7, 300, task)
    model = selection.fit_clone(recipe(task), matrix, labels)
    with threadpool_limits(1):
        again = selection.fit_clone(clone(model), matrix, labels)
    assert checkpoint.pack(again) == checkpoint.pack(model)


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(TASKS),
    st.sampled_from([(0.2, 0.4, 0.4), (0.4, 0.6, 0.0), (0.0, 0.2, 0.8), (1.0, 0.0, 0.0)]),
    st.sampled_from([(0, 1, 2, 3), (0, 1, 3), (1, 2)]),
)
@examples(20)
def test_both_forms_agree(seed: int, task: str, shares: tuple[float, float, float], known: tuple[int, ...]) -> None:
    # Given a blend of any estimators, and rows it saw, others, and extreme ones
    matrix, labels = table(seed, 150, task, known)
    model = recipe(task, shares).fit(matrix, labels)
    extreme = [[0, value, -value] for value in (0.0, 1e308, -1e308, 1e30, 5e-324)]
    asked = np.vstack([matrix, table(seed + 1, 50, task)[0], extreme, np.full((1, 3), np.nan)])

    # Then the ONNX form answers what the pickle does
    said = predict(model, asked, task, 4)
    found = served(model, asked, task)
    assert found.dtype == np.float64
    assert found.shape == said.shape
    assert np.abs((found - said) / np.maximum(1, np.abs(said))).max() <= 1e-12


@given(st.integers(0, 2**32 - 1), st.sampled_from(TASKS), st.integers(1, 3))
@examples(30)
def test_shares_sum_to_one_and_are_never_worse_than_the_best_alone(seed: int, task: str, count: int) -> None:
    # Given answers that are right in part
    make = np.random.default_rng(seed)
    labels = {
        "binary": make.random(60) < 0.4,
        "multiclass": make.integers(0, 4, 60),
        "regression": make.normal(size=60),
    }
    right = {
        "binary": labels["binary"],
        "multiclass": np.eye(4)[labels["multiclass"]],
        "regression": labels["regression"],
    }
    said = []
    for _ in range(count):
        noise = make.dirichlet(np.ones(4), 60) if task == "multiclass" else make.random((60, 1))
        said.append(0.5 * noise + 0.5 * right[task].reshape(60, -1))

    # When shares are given
    found = blend.choose_weights(said, labels[task], task)

    # Then they are shares, and their loss is at most a little above that of any estimator alone
    assert min(found) >= 0
    assert abs(sum(found) - 1) < 1e-12
    alone = [losses(one, labels[task], task).mean() for one in said]
    mean = losses(blend.average(said, found), labels[task], task).mean()
    assert mean <= min(alone) * (1 + blend.TOLERANCE)


def test_an_estimator_that_brings_nothing_has_no_share() -> None:
    # Given one that is right, the same again, and one that is wrong
    labels = np.array([True, False, True, False])
    right = np.array([[0.8], [0.2], [0.7], [0.1]])
    assert blend.choose_weights([right, right, 1 - right], labels, "binary") == [1.0, 0.0, 0.0]


def test_one_estimator_is_taken_where_a_second_helps_by_next_to_nothing() -> None:
    # Given two of which three quarters and one quarter lower the loss from 1 to 0.9997
    labels, one = np.zeros(4), np.ones((4, 1))
    other = np.array([[1.468], [0.468], [1.468], [0.468]])
    assert losses(blend.average([one, other], [0.75, 0.25]), labels, "regression").mean() < 1
    assert blend.choose_weights([one, other], labels, "regression") == [1.0, 0.0]


def test_estimators_that_err_on_other_rows_share() -> None:
    labels = np.zeros(4)
    high, low = np.array([[1.0], [1.0], [0.0], [0.0]]), np.array([[-1.0], [-1.0], [0.0], [0.0]])
    assert blend.choose_weights([high, low], labels, "regression") == [0.5, 0.5]


def test_a_blend_is_chosen_by_name_or_by_its_loss() -> None:
    made = [CandidateResult(name, None, np.zeros((1, 1)), loss) for name, loss in (("linear", 1.0), ("blend", 2.0))]
    assert selection.select_best(made, "blend").name == "blend"
    assert selection.select_best(made, "best").name == "linear"
    tie = [
        CandidateResult("linear", None, np.zeros((1, 1)), 1.0),
        CandidateResult("blend", None, np.zeros((1, 1)), 1.0),
    ]
    assert selection.select_best(tie, "best").name == "linear"


def test_blending_fits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given two estimators, judged
    matrix, labels = table(7, 100, "regression")
    pairs = [Split(Rows(matrix[:50], labels[:50]), Rows(matrix[50:], labels[50:]), "regression", 0)]
    found = [selection.evaluate(f"linear {one}", build_linear(1, 3, "regression", one), pairs) for one in (0.1, 100.0)]

    # When they are blended, no estimator is fitted
    monkeypatch.setattr(selection, "fit_clone", None)
    made = selection.evaluate_blend(found, pairs)
    assert made.fitted is None
    assert made.loss <= min(one.loss for one in found) * (1 + blend.TOLERANCE)
    assert abs(sum(made.weights.values()) - 1) < 1e-12
