"""The search in params.yaml: what train would not take is an error before anything is fitted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stages.core import params
from stages.core.errors import ParamsError
from stages.tune.params import Range, read_tune

ROOT = Path(__file__).resolve().parents[2]


def test_the_shipped_search_is_one() -> None:
    found = read_tune(params.read(ROOT / "params.yaml"))
    assert found.search["learning_rate"] == Range(0.02, 0.3, log=True)


@pytest.mark.parametrize("sections", [{}, {"tune": None}, {"tune": {}}, {"tune": {"search": {}}}])
def test_no_search_is_none(sections: dict[str, Any]) -> None:
    assert read_tune(sections).search == {}


def test_a_list_is_tried_as_it_is() -> None:
    found = read_tune({"tune": {"search": {"estimator": ["boosting", "best"], "trees": [50, 100]}}})
    assert found.search == {"estimator": ["boosting", "best"], "trees": [50, 100]}


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ({"learning_rte": [0.1]}, "train has no key 'learning_rte' to search. Did you mean 'learning_rate'?"),
        ({"trees": {"low": 1, "hihg": 2}}, "tune.search.*: unknown key 'hihg'. Did you mean 'high'?"),
        ({"trees": {"low": 1}}, "tune.search.*: Object missing required field `high`"),
        ({"trees": {"low": 5, "high": 5}}, "tune.search.*: low must be a number below high"),
        ({"trees": {"low": 5, "high": float("inf")}}, "low must be a number below high"),
        ({"l2_regularization": {"low": 0, "high": 5, "log": True}}, "low must be above 0 where log is true"),
        ({"learning_rate": {"low": 0, "high": 1}}, "tune.search.learning_rate.low: Expected `float` > 0"),
        ({"max_bins": {"low": 2, "high": 300}}, "tune.search.max_bins.high: Expected `int` <= 255"),
        ({"max_leaf_nodes": {"low": 2.5, "high": 9}}, "tune.search.max_leaf_nodes.low: Expected `int`, got `float`"),
        ({"max_leaf_nodes": [31, 1]}, "tune.search.max_leaf_nodes[1]: Expected `int` >= 2"),
        ({"estimator": {"low": 1, "high": 2}}, "tune.search.estimator.low: Expected `str`, got `int`"),
        ({"estimator": ["linear", "lineer"]}, "tune.search.estimator[1]: 'lineer' is not allowed. It can be boosting"),
        ({"trees": []}, "tune.search.*: Expected `array` of length >= 1"),
        ({"trees": 7}, "tune.search"),
        ({"seed": [1, 2]}, "'seed' is not searched"),
        ({"folds": [2, 5]}, "'folds' is not searched"),
    ],
)
def test_what_train_would_not_take_is_named(search: dict[str, Any], message: str) -> None:
    with pytest.raises(ParamsError) as found:
        read_tune({"tune": {"search": search}})
    assert message in str(found.value)


def test_a_key_of_the_section_that_is_misspelled_is_named() -> None:
    with pytest.raises(ParamsError, match=r"tune: unknown key 'serch'. Did you mean 'search'\?"):
        read_tune({"tune": {"serch": {}}})
