"""Losses and scores are scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_absolute_error, r2_score, root_mean_squared_error

from stages.train.losses import losses, score

MAKE = np.random.default_rng(7)


def test_log_loss_of_two_classes_and_of_more() -> None:
    given = MAKE.random((50, 1))
    labels = MAKE.random(50) < 0.5
    assert losses(given, labels, "binary").mean() == pytest.approx(log_loss(labels, given[:, 0]))
    more = MAKE.dirichlet([1, 1, 1], 50)
    numbers = MAKE.integers(0, 3, 50)
    assert losses(more, numbers, "multiclass").mean() == pytest.approx(log_loss(numbers, more))
    assert score(more, numbers, "multiclass")["accuracy"] == (more.argmax(axis=1) == numbers).mean()


def test_a_certain_mistake_costs_much_but_is_finite() -> None:
    assert losses(np.array([[0.0]]), np.array([True]), "binary") == pytest.approx(36.04, abs=0.01)


def test_scores_of_values() -> None:
    said, values = MAKE.normal(size=(50, 1)), MAKE.normal(size=50)
    found = score(said, values, "regression")
    assert found["rmse"] == pytest.approx(root_mean_squared_error(values, said[:, 0]))
    assert found["mae"] == pytest.approx(mean_absolute_error(values, said[:, 0]))
    assert found["r2"] == pytest.approx(r2_score(values, said[:, 0]))
    assert score(said, np.ones(50), "regression")["r2"] == 0
