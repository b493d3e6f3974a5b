"""A linear model's ONNX form answers what scikit-learn answers: one-hot columns, flags, medians and scaling as well."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeClassifier

from stages.core.errors import ModelError
from stages.model.estimators import build_linear
from stages.model.fitting import predict
from stages.save import onnx_graph

TASKS = ("binary", "multiclass", "regression")
Floats = npt.NDArray[np.float64]


def same(matrix: Floats, categories: int, raw: Floats, task: str, asked: Floats) -> None:
    """Fit, convert, and compare on the asked rows."""
    labels = {"binary": raw > 0, "multiclass": np.array([0, 1, 3])[np.digitize(raw, [-0.5, 0.5])], "regression": raw}
    model = build_linear(categories, matrix.shape[1], task, 1.0).fit(matrix, labels[task])
    said = predict(model, asked, task, 4)
    content = onnx_graph.convert(model, task, matrix.shape[1], 4).SerializeToString(deterministic=True)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run([onnx_graph.OUTPUT], {onnx_graph.INPUT: asked})
    assert found.shape == said.shape
    assert np.isfinite(said).all()
    assert np.abs(found - said).max() <= 1e-12 * max(1.0, np.abs(said).max())


def table(seed: int, rows: int = 200, missing: float = 0.1) -> tuple[Floats, Floats]:
    """Two columns of codes, three of numbers of very different sizes, and a number that depends on them."""
    make = np.random.default_rng(seed)
    numbers = make.normal(size=(rows, 3)) * [1, 1e6, 1e-9]
    matrix = np.column_stack([make.integers(0, 7, (rows, 2)), numbers])
    raw = np.sin(matrix[:, 0]) + numbers[:, 0] + make.normal(size=rows) * 0.3
    matrix[make.random(matrix.shape) < missing] = np.nan
    return matrix, raw


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("missing", [0.0, 0.2], ids=["nothing missing in the train rows", "missing ones"])
def test_extreme_and_unknown_values(task: str, missing: float) -> None:
    matrix, raw = table(7, missing=missing)
    asked = [[99, 3, value, -value, value] for value in (0.0, -0.0, 1e308, -1e308, 2.0**70, 5e-324, 1e100)]
    same(matrix, 2, raw, task, np.vstack([matrix, asked, np.full((1, 5), np.nan)]))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("categories", [0, 3], ids=["no categories at all", "only categories"])
def test_columns_of_one_kind(task: str, categories: int) -> None:
    make = np.random.default_rng(7)
    matrix = make.integers(0, 5, (150, 3)).astype(np.float64)
    same(matrix, categories, matrix[:, 0] - 2 + make.normal(size=150) * 0.1, task, matrix)


def test_columns_that_tell_nothing() -> None:
    # Given a category and a number that are always missing, and a constant
    matrix, raw = table(7)
    matrix[:, 1] = np.nan
    matrix[:, 3] = np.nan
    matrix[:, 4] = 5.0

    # Then they do no harm, even where a request knows them
    same(matrix, 2, raw, "binary", np.vstack([matrix, [[1, 2, 0, 7, 6]]]))


def test_numbers_too_large_to_be_squared() -> None:
    matrix, raw = table(7)
    matrix[:, 3] = np.where(matrix[:, 3] > 0, 1.7e308, -1.7e308)
    same(matrix, 2, raw, "regression", matrix)


def test_an_estimator_without_an_onnx_form_is_named() -> None:
    model = DecisionTreeClassifier().fit([[0.0], [1.0]], [0, 1])
    model.steps = [("tree", model)]
    with pytest.raises(ModelError, match="DecisionTreeClassifier"):
        onnx_graph.convert(model, "binary", 1)


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.9), st.sampled_from(TASKS))
@examples(25)
def test_any_table(seed: int, missing: float, task: str) -> None:
    matrix, raw = table(seed, rows=80, missing=missing)
    other, _ = table(seed + 1, rows=40)
    same(matrix, 2, raw, task, np.vstack([matrix, other]))
