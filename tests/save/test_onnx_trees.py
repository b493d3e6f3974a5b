"""The ONNX form answers what scikit-learn answers, to the last digits, on every kind of tree."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pandas as pd
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from stages.model.estimators import build_booster, build_forest, fit_encoder
from stages.model.fitting import predict
from stages.model.params import Train
from stages.save import onnx_graph
from stages.train.selection import LEAF_BYTES, NUMBER_BYTES

EXACT = 1e-14
MAKE = np.random.default_rng(7)
TASKS = ("binary", "multiclass", "regression")


def served(model: Any, matrix: npt.NDArray[Any], task: str, classes: int) -> npt.NDArray[np.float64]:
    """What the ONNX form says of the rows."""
    content = onnx_graph.convert(model, task, matrix.shape[1], classes).SerializeToString(deterministic=True)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run([onnx_graph.OUTPUT], {onnx_graph.INPUT: matrix})
    assert found.dtype == np.float64
    assert found.shape == (len(matrix), classes if task == "multiclass" else 1)
    return np.asarray(found)


def fitted(
    matrix: npt.NDArray[Any], categories: int, labels: npt.NDArray[Any], task: str = "binary", **change: Any
) -> Any:
    """A booster of the pipeline's own kind."""
    section = Train(max_rounds=20, **{"min_samples_leaf": 5, **change})
    return build_booster(categories, section, task).set_params(max_iter=20).fit(matrix, labels)


def same(model: Any, matrix: npt.NDArray[Any], task: str = "binary", classes: int = 2) -> None:
    said = predict(model, matrix, task, classes)
    assert np.abs((served(model, matrix, task, classes) - said) / np.maximum(1, np.abs(said))).max() <= EXACT


def labels_of(raw: npt.NDArray[np.float64], task: str) -> npt.NDArray[Any]:
    """Labels of each task that depend on one number: of four classes, of which the third never occurs."""
    return {"binary": raw > 1, "multiclass": np.array([0, 1, 3])[np.digitize(raw, [0, 1])], "regression": np.exp(raw)}[
        task
    ]


def mixed(rows: int, codes: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Two columns of codes, two of numbers, all with missing values, and labels that depend on each."""
    matrix = np.column_stack([MAKE.integers(0, codes, (rows, 2)), MAKE.normal(size=(rows, 2)) * [1, 1e6]])
    labels = (matrix[:, 0] % 3 == 0) ^ (matrix[:, 2] > 0) ^ (matrix[:, 3] > 5e5) ^ (MAKE.random(rows) < 0.1)
    matrix[MAKE.random(matrix.shape) < 0.1] = np.nan
    return matrix, labels


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("kind", ["boosting", "forest"])
def test_every_task_with_a_class_that_no_row_has(kind: str, task: str) -> None:
    # Given rows that depend on a category and a number, and extreme ones nobody saw
    matrix, _ = mixed(600, codes=20)
    raw = np.nan_to_num(matrix[:, 0] % 3 - 1) + (matrix[:, 2] > 0) + MAKE.normal(size=600) * 0.3
    extreme = [[0, 0, value, -value] for value in (0.0, -0.0, 1e308, -1e308, 1e30, 2.0**70, 5e-324)]
    asked = np.vstack([matrix, extreme, np.full((1, 4), np.nan)])

    # When a model of either kind is made of them
    labels = labels_of(raw, task)
    if kind == "boosting":
        model = fitted(matrix, 2, labels, task)
    else:
        model = build_forest(Train(max_rounds=1, trees=15), task, leaves=100).fit(matrix, labels)

    # Then both forms agree, and the class without rows has probability 0
    same(model, asked, task, classes=4)
    if task == "multiclass":
        assert not served(model, asked, task, 4)[:, 2].any()


@pytest.mark.parametrize("kind", ["boosting", "forest"])
def test_two_classes_of_more(kind: str) -> None:
    # Given a multiclass table of which only the first and the last class have rows
    matrix, labels = mixed(300, codes=5)
    numbers = np.where(labels, 2, 0)
    section = Train(max_rounds=1, trees=10)
    model = (
        fitted(matrix, 2, numbers)
        if kind == "boosting"
        else build_forest(section, "multiclass", 50).fit(matrix, numbers)
    )

    # Then their probabilities stand in their columns and sum to one
    same(model, matrix, "multiclass", 3)
    said = served(model, matrix, "multiclass", 3)
    assert np.abs(said.sum(axis=1) - 1).max() < 1e-12
    assert not said[:, 1].any()


@pytest.mark.parametrize("task", TASKS)
def test_a_forest_sees_numbers_in_single_precision_in_both_forms(task: str) -> None:
    # Given numbers that only double precision tells apart from a forest's thresholds
    matrix = MAKE.normal(size=(400, 1)) * 1e-3
    model = build_forest(Train(max_rounds=1, trees=5), task, leaves=200).fit(
        matrix, labels_of(matrix[:, 0] * 1e3, task)
    )
    splits = [tree.tree_.threshold[tree.tree_.children_left >= 0] for tree in model["forest"].estimators_]
    on = np.unique(np.concatenate(splits))

    # Then rows on every threshold, and the nearest floats on both sides, go the same way
    for values in (on, np.nextafter(on, -np.inf), np.nextafter(on, np.inf), on.astype(np.float32).astype(np.float64)):
        same(model, values[:, None], task, 4)


@pytest.mark.parametrize("task", TASKS)
def test_a_forest_of_trees_that_are_a_single_leaf(task: str) -> None:
    matrix = np.zeros((50, 2))
    model = build_forest(Train(max_rounds=1, trees=5), task, leaves=2).fit(matrix, labels_of(np.arange(50) / 20, task))
    assert all(tree.tree_.node_count == 1 for tree in model["forest"].estimators_)
    same(model, np.array([[0.0, 1.0], [np.nan, -1.0]]), task, 4)


def test_a_deep_tree() -> None:
    # Given a table whose tree is a chain, deeper than a program may call itself
    size = 1500
    matrix = np.arange(size, dtype=np.float64)[:, None]
    model = fitted(matrix, 0, 3.0 ** np.arange(size).clip(0, 30) * np.arange(size), "regression", max_leaf_nodes=1400,
                   min_samples_leaf=1, max_bins=255)  # fmt: skip
    same(model, matrix, "regression")


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
    encode = fit_encoder(rows, {"tail": "category", "n": "number"}, Train(max_rounds=20))
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
    graphs = [onnx_graph.convert(fitted(matrix, 2, labels), "binary", 4) for _ in range(2)]
    forms = [graph.SerializeToString(deterministic=True) for graph in graphs]
    assert forms[0] == forms[1]


@given(st.integers(0, 2**32 - 1), st.integers(2, 255), st.integers(2, 60), st.integers(1, 50), st.sampled_from(TASKS))
@examples(30)
def test_any_table_and_any_settings(seed: int, codes: int, leaves: int, smallest: int, task: str) -> None:
    # Given any codes, numbers on a coarse grid so that ties are many, missing values and tree shapes
    make = np.random.default_rng(seed)
    matrix = np.column_stack([make.integers(0, codes, 300), make.integers(-5, 5, (300, 2)) / 4]).astype(np.float64)
    labels = labels_of(make.normal(size=300) + 0.5 + matrix[:, 0] % 2 - 0.5 * (matrix[:, 1] > 0), task)
    matrix[make.random(matrix.shape) < 0.2] = np.nan
    between = np.vstack([matrix, matrix + np.array([0, 1 / 8, -1 / 8])])

    # Then both forms of boosting agree on these rows and on rows between
    same(fitted(matrix, 1, labels, task, max_leaf_nodes=leaves, min_samples_leaf=smallest), between, task, 4)

    # And both forms of a forest
    same(build_forest(Train(max_rounds=1, trees=3, seed=seed), task, leaves).fit(matrix, labels), between, task, 4)


@pytest.mark.parametrize(("task", "classes"), [("binary", 2), ("regression", 0), ("multiclass", 3), ("multiclass", 9)])
def test_a_forest_takes_the_bytes_that_its_size_is_chosen_by(task: str, classes: int) -> None:
    matrix = MAKE.random((3000, 5))
    labels = MAKE.integers(0, classes, 3000) if classes else MAKE.random(3000)
    model = build_forest(Train(max_rounds=1, trees=10), task, leaves=500).fit(matrix, labels)
    leaves = sum(tree.get_n_leaves() for tree in model["forest"].estimators_)

    size = onnx_graph.convert(model, task, 5, classes).ByteSize()

    assert size / leaves == pytest.approx(LEAF_BYTES + NUMBER_BYTES * (classes if task == "multiclass" else 1), rel=0.1)
