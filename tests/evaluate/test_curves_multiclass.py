"""The plots of several classes: every pair of the confusion table, classes without rows, answers in order of surety."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix, roc_auc_score

from stages.evaluate.bootstrap import draw_resamples
from stages.evaluate.multiclass.curves import POINTS, tabulate_abstention, tabulate_classes, tabulate_confusion

CLASSES = ["a", "b", "c, d"]
TAILS = (0.025, 0.975)


def test_the_confusion_table_has_every_pair_and_shares_of_the_actual_class() -> None:
    # Given rows of two of three classes
    truth, predicted = np.array([0, 0, 0, 1]), np.array([0, 0, 2, 1])

    # When they are counted
    table = pd.DataFrame(tabulate_confusion(truth, predicted, CLASSES))

    # Then the counts are scikit-learn's, and a class without rows has no shares
    counts = table.pivot(index="actual", columns="predicted", values="rows").to_numpy()
    assert counts.tolist() == confusion_matrix(truth, predicted, labels=range(3)).tolist()
    shares = table.set_index(["actual", "predicted"])["share"]
    assert shares["a", "c, d"] == pytest.approx(1 / 3)
    assert shares.loc["c, d"].isna().all()


def test_each_class_by_itself_and_one_without_rows_has_no_auc() -> None:
    # Given 300 rows of two of three classes
    make = np.random.default_rng(7)
    truth = make.integers(2, size=300)
    raw = make.random((300, 3)) + 0.3 * np.eye(3)[truth]
    probabilities = raw / raw.sum(axis=1, keepdims=True)

    # When each class is looked at
    first, _, last = tabulate_classes(truth, probabilities, draw_resamples(np.arange(300), 100, 7), TAILS, CLASSES)

    # Then its AUC is that against the rest, within its interval
    assert first["auc"] == pytest.approx(roc_auc_score(truth == 0, probabilities[:, 0]))
    assert first["low"] < first["auc"] < first["high"]
    assert first["rows"] == (truth == 0).sum()
    assert (last["rows"], last["auc"], last["recall"], last["low"]) == (0, None, None, None)
    assert last["precision"] == 0.0


def test_abstaining_answers_the_surest_rows_first_and_equal_ones_together() -> None:
    # Given four rows, two of which are equally sure
    truth = np.array([0, 0, 1, 1])
    sure = np.array([[0.9, 0.1], [0.3, 0.7], [0.3, 0.7], [0.6, 0.4]])

    # When answers are given in order of surety
    table = tabulate_abstention(truth, {"candidate": sure, "baseline": np.full((4, 2), 0.5)})

    # Then accuracy falls from the surest on, and a constant model answers all or nothing
    assert [(row["confidence"], row["answered"], row["accuracy"]) for row in table if row["model"] == "candidate"] == [
        (0.9, 0.25, 1.0),
        (0.7, 0.75, pytest.approx(2 / 3)),
        (0.6, 1.0, 0.5),
    ]
    assert [(row["answered"], row["accuracy"]) for row in table if row["model"] == "baseline"] == [(1.0, 0.5)]


def test_the_curve_of_many_rows_has_few_points_and_ends_with_all_rows() -> None:
    make = np.random.default_rng(7)
    raw = make.random((5000, 3))
    table = tabulate_abstention(make.integers(3, size=5000), {"candidate": raw / raw.sum(axis=1, keepdims=True)})
    assert len(table) == POINTS
    assert table[-1]["answered"] == 1.0
