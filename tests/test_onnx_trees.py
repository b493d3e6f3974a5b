"""The ONNX form answers what scikit-learn answers, to the last digits, on every kind of tree."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier

from stages import onnx_trees
from stages.estimator import Train, booster, encoder

EXACT = 1e-14
MAKE = np.random.default_rng(7)


def answers(model: HistGradientBoostingClassifier, matrix: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """What the ONNX form says of the rows."""
    content = onnx_trees.convert(model, matrix.shape[1]).SerializeToString(deterministic=True)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run([onnx_trees.OUTPUT], {onnx_trees.INPUT: matrix})
    assert found.dtype == np.float64
    assert found.shape == (len(matrix), 1)
    return np.asarray(found[:, 0])


def fitted(matrix: npt.NDArray[Any], categories: int, labels: npt.NDArray[np.bool_], **change: Any) -> Any:
    """A booster of the pipeline's own kind."""
    section = Train(max_rounds=20, **{"min_samples_leaf": 5, **change})
    return booster(categories, section).set_params(max_iter=20).fit(matrix, labels)


def same(model: HistGradientBoostingClassifier, matrix: npt.NDArray[Any]) -> None:
    assert np.abs(answers(model, matrix) - model.predict_proba(matrix)[:, 1]).max() <= EXACT


def mixed(rows: int, codes: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Two columns of codes, two of numbers, all with missing values, and labels that depend on each."""
    matrix = np.column_stack([MAKE.integers(0, codes, (rows, 2)), MAKE.normal(size=(rows, 2)) * [1, 1e6]])
    labels = (matrix[:, 0] % 3 == 0) ^ (matrix[:, 2] > 0) ^ (matrix[:, 3] > 5e5) ^ (MAKE.random(rows) < 0.1)
    matrix[MAKE.random(matrix.shape) < 0.1] = np.nan
    return matrix, labels


def test_categories_and_numbers_with_missing_values() -> None:
    matrix, labels = mixed(2000, codes=40)
    model = fitted(matrix, 2, labels)
    same(model, matrix)
    same(model, np.full((1, 4), np.nan))


@pytest.mark.parametrize("categories", [0, 4], ids=["no categories at all", "only categories"])
def test_columns_of_one_kind(categories: int) -> None:
    matrix = MAKE.integers(0, 30, (1000, 4)).astype(np.float64)
    labels = (matrix.sum(axis=1) % 7 < 3) ^ (matrix[:, 0] == 4)
    same(fitted(matrix, categories, labels), matrix)


def test_values_that_lie_exactly_on_a_threshold_and_beside_it() -> None:
    # Given a model of one number, whose thresholds need all their digits
    matrix = MAKE.normal(size=(2000, 1)) * 1e-3
    model = fitted(matrix, 0, matrix[:, 0] + 1e-4 * MAKE.normal(size=2000) > 0)
    on = np.unique(
        [node["num_threshold"] for (tree,) in model._predictors for node in tree.nodes if not node["is_leaf"]]
    )
    assert not np.array_equal(on, on.astype(np.float32).astype(np.float64))

    # Then rows on every threshold, and the nearest floats on both sides, go the same way in both forms
    for values in (on, np.nextafter(on, -np.inf), np.nextafter(on, np.inf)):
        same(model, values[:, None])
    assert not np.array_equal(model.predict_proba(on[:, None]), model.predict_proba(np.nextafter(on, np.inf)[:, None]))


def test_trees_that_are_a_single_leaf() -> None:
    # Given leaves that must hold more rows than there are
    matrix, labels = mixed(200, codes=5)
    model = fitted(matrix, 2, labels, min_samples_leaf=500)
    assert all(len(tree.nodes) == 1 for (tree,) in model._predictors)

    # Then the constant is the same
    same(model, matrix)


def test_the_last_code_and_a_code_beyond_the_known_ones() -> None:
    # Given codes up to the last a booster can hold
    matrix = np.tile(np.arange(255.0), 20)[:, None]
    model = fitted(matrix, 1, (matrix[:, 0] % 5 < 2))
    same(model, matrix)
    same(model, np.array([[0.0], [254.0], [np.nan]]))


def test_more_categories_than_codes_and_unknown_ones_go_through_the_encoder() -> None:
    # Given 400 values of a category, the rare ones pooled
    names = np.array([f"v{at}" for at in range(400)])
    rows = pd.DataFrame({"tail": names[np.minimum(MAKE.geometric(0.01, 5000) - 1, 399)], "n": MAKE.normal(size=5000)})
    labels = (rows["tail"].str.len() == 3).to_numpy() ^ (MAKE.random(5000) < 0.2)
    encode = encoder({"tail": "category", "n": "number"}, Train(max_rounds=20)).fit(rows)
    model = fitted(encode.transform(rows), 1, labels)

    # Then both forms agree on these, on one that is missing and on one never seen
    same(model, encode.transform(rows))
    same(model, encode.transform(pd.DataFrame({"tail": ["v1", "v399", None, "never seen"], "n": [0.0] * 4})))


def test_a_category_that_is_split_into_missing_and_known() -> None:
    # Given a column where only whether it is known matters
    matrix = np.where(np.arange(400) % 2, MAKE.integers(0, 2, 400), np.nan)[:, None]
    model = fitted(matrix, 1, np.isnan(matrix[:, 0]) ^ (MAKE.random(400) < 0.1))

    # Then a set of no codes is served, too
    assert any(not tree.raw_left_cat_bitsets[:1].any() for (tree,) in model._predictors)
    same(model, np.array([[0.0], [1.0], [np.nan]]))


def test_extreme_numbers() -> None:
    matrix, labels = mixed(500, codes=5)
    model = fitted(matrix, 2, labels)
    extreme = np.array([[0, 0, value, -value] for value in (0.0, -0.0, 1e308, 5e-324, np.inf)])
    same(model, extreme)


def test_the_same_model_is_the_same_bytes() -> None:
    matrix, labels = mixed(500, codes=10)
    forms = [onnx_trees.convert(fitted(matrix, 2, labels), 4).SerializeToString(deterministic=True) for _ in range(2)]
    assert forms[0] == forms[1]


@given(st.integers(0, 2**32 - 1), st.integers(2, 255), st.integers(2, 60), st.integers(1, 50))
@settings(max_examples=15, deadline=None)
def test_any_table_and_any_settings(seed: int, codes: int, leaves: int, smallest: int) -> None:
    # Given any codes, numbers on a coarse grid so that ties are many, missing values and tree shapes
    make = np.random.default_rng(seed)
    matrix = np.column_stack([make.integers(0, codes, 300), make.integers(-5, 5, (300, 2)) / 4]).astype(np.float64)
    labels = make.random(300) < 0.2 + 0.6 * (matrix[:, 0] % 2)
    labels[:2] = [True, False]
    matrix[make.random(matrix.shape) < 0.2] = np.nan
    model = fitted(matrix, 1, labels, max_leaf_nodes=leaves, min_samples_leaf=smallest)

    # Then both forms agree on these rows and on rows between
    same(model, np.vstack([matrix, matrix + np.array([0, 1 / 8, -1 / 8])]))
