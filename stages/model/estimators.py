"""The estimators: what each is made of, the matrix they all take, and what a fitted one answers.

The matrix is float64: categories first, as ordinal codes, then the numbers; NaN where missing or unknown. Whatever else
an estimator needs (imputation, one-hot columns, scaling) it does itself, so that one matrix serves them all. Labels are
bool for a binary task (is it the positive class), class numbers for multiclass, float64 for regression.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

from stages.core.params import Params
from stages.table.schema import Target

Positive = Annotated[int, msgspec.Meta(ge=1)]
Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[Any]
Booster = Any
"""HistGradientBoostingClassifier or HistGradientBoostingRegressor."""

LARGEST = 1e100
"""Beyond it a number is cut before it is scaled: its square must still be a number."""
FARTHEST = 10.0
"""Standard deviations from the mean at which a linear model sees a number end, so that one cell cannot decide alone."""
LARGEST_SINGLE = 1e30
"""Forests compare in single precision: what lies beyond is cut, as its sum over the rows would be infinite."""
STRENGTHS = (100.0, 10.0, 1.0, 0.1)
"""Penalties a linear model may have; the one with the lowest loss on rows not fitted on is taken."""
SMALLEST = (1, 5)
"""Rows a forest's leaf may hold at least, chosen likewise: single rows where values are certain, more where they vary
by chance.
"""


class Train(Params, frozen=True):
    """The section `train` of params.yaml."""

    max_rounds: Positive
    estimator: Literal["boosting", "linear", "forest", "blend", "best"] = "boosting"
    folds: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    refit: bool = False
    interval: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.8
    step: Annotated[int, msgspec.Meta(ge=10)] = 20
    patience: Positive = 3
    learning_rate: Annotated[float, msgspec.Meta(gt=0)] = 0.1
    max_leaf_nodes: Annotated[int, msgspec.Meta(ge=2)] = 31
    min_samples_leaf: Positive = 20
    l2_regularization: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    max_bins: Annotated[int, msgspec.Meta(ge=2, le=255)] = 255
    trees: Positive = 100
    seed: int = 7

    def __post_init__(self) -> None:
        if self.folds == 1:
            raise ValueError("folds: 0 for none, or at least 2")


def labels(column: pd.Series[Any], task: str, target: Target) -> Labels:
    """The target column of data/features.csv as the estimators' labels."""
    if task == "regression":
        return column.to_numpy(dtype=np.float64)
    if task == "binary":
        return np.asarray(column == target.positive, dtype=np.bool_)
    return np.asarray(pd.Index(target.classes).get_indexer(pd.Index(column)), dtype=np.int64)


def answers(model: Any, rows: Any, task: str, classes: int = 2) -> Floats:
    """What a fitted model says of the rows (a frame of features, or the matrix, as the model takes).

    Rows × 1 for a binary task: the probability of the positive class. Rows × `classes` for multiclass, in the order of
    the schema's classes: a class that no row of the fit had gets 0. Rows × 1 for regression: the value.
    """
    if task == "regression":
        return np.asarray(model.predict(rows), dtype=np.float64).reshape(-1, 1)
    given = model.predict_proba(rows)
    made = np.zeros((len(given), classes if task == "multiclass" else 2))
    made[:, np.asarray(model.classes_, dtype=np.int64)] = given
    return made[:, 1:] if task == "binary" else made


def fit_encoder(frame: pd.DataFrame, types: dict[str, str], section: Train) -> ColumnTransformer:
    """Return what makes of a frame of features a float64 matrix: categories first, as codes, then the numbers that have
    a value in the frame it is fitted on; boosting refuses a column without one.

    A missing or unknown category becomes NaN, which boosting treats as missing. A column with more categories than
    there are bins keeps its most frequent ones and pools the rest.
    """
    categories = [name for name, kind in types.items() if kind == "category"]
    numbers = _known(frame, [name for name, kind in types.items() if kind == "number"])
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=section.max_bins,
    )
    parts = [("category", codes, categories), ("number", "passthrough", numbers)]
    return ColumnTransformer(parts, verbose_feature_names_out=False).fit(frame)


def unfitted(model: Pipeline, frame: pd.DataFrame) -> Pipeline:
    """Return a copy of the kept pipeline that can be fitted on the frame, whose numbers may have no value there."""
    copy = clone(model)
    copy["encode"].transformers = [
        (name, part, _known(frame, columns) if name == "number" else columns)
        for name, part, columns in copy["encode"].transformers
    ]
    return copy


def _known(frame: pd.DataFrame, numbers: list[str]) -> list[str]:
    return [name for name in numbers if frame[name].notna().any()]


def booster(categories: int, section: Train, task: str = "binary") -> Booster:
    """Histogram gradient boosting that goes on where it stopped; its first `categories` columns are codes."""
    kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    return kind(
        categorical_features=list(range(categories)),
        early_stopping=False,
        l2_regularization=section.l2_regularization,
        learning_rate=section.learning_rate,
        max_bins=section.max_bins,
        max_leaf_nodes=section.max_leaf_nodes,
        min_samples_leaf=section.min_samples_leaf,
        random_state=section.seed,
        warm_start=True,
    )


def linear(categories: int, features: int, task: str, strength: float) -> Pipeline:
    """Logistic or ridge regression with a penalty of `strength`: categories as one column each, missing ones with a
    column of their own where there were some; numbers by their median where missing, with a flag, and scaled.
    """
    numbers = Pipeline(
        [
            ("cut", FunctionTransformer(np.clip, kw_args={"a_min": -LARGEST, "a_max": LARGEST})),
            ("known", SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)),
            ("scaled", StandardScaler()),
            ("near", FunctionTransformer(np.clip, kw_args={"a_min": -FARTHEST, "a_max": FARTHEST})),
        ]
    )
    parts: list[tuple[str, Any, list[int] | slice]] = []
    if categories:
        parts.append(("category", OneHotEncoder(handle_unknown="ignore"), list(range(categories))))
    if features > categories:
        parts.append(("number", numbers, slice(categories, None)))
    last = Ridge(alpha=strength) if task == "regression" else LogisticRegression(C=1 / strength, max_iter=2000)
    return Pipeline([("columns", ColumnTransformer(parts)), ("linear", last)])


def forest(section: Train, task: str, leaves: int, smallest: int = 1) -> Pipeline:
    """A random forest whose trees have at most so many leaves each, of `smallest` rows at least; a category is its
    code.
    """
    kind = RandomForestRegressor if task == "regression" else RandomForestClassifier
    cut = FunctionTransformer(np.clip, kw_args={"a_min": -LARGEST_SINGLE, "a_max": LARGEST_SINGLE})
    trees = kind(
        n_estimators=section.trees,
        max_leaf_nodes=leaves,
        min_samples_leaf=smallest,
        random_state=section.seed,
    )
    return Pipeline([("cut", cut), ("forest", trees)])
