"""The estimators: what each is made of, and the matrix they all take.

The matrix is float64: categories first, as ordinal codes, then the numbers; NaN where missing or unknown. Whatever else
an estimator needs (imputation, one-hot columns, scaling) it does itself, so that one matrix serves them all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
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

from stages.model.fitting import list_known
from stages.model.params import Train
from stages.table.schema import Task

Booster = Any
"""HistGradientBoostingClassifier or HistGradientBoostingRegressor."""

LARGEST = 1e100
"""Beyond it a number is cut before it is scaled: its square must still be a number."""
FARTHEST = 10.0
"""Standard deviations from the mean at which a linear model sees a number end, so that one cell cannot decide alone."""
LARGEST_SINGLE = 1e30
"""Forests compare in single precision: what lies beyond is cut, as its sum over the rows would be infinite."""
ALPHAS = (100.0, 10.0, 1.0, 0.1)
"""Penalties a linear model may have; the one with the lowest loss on rows not fitted on is taken."""
MIN_SAMPLES_LEAF = (1, 5)
"""Rows a forest's leaf may hold at least, chosen likewise: single rows where values are certain, more where they vary
by chance.
"""


def fit_encoder(frame: pd.DataFrame, types: dict[str, str], section: Train) -> ColumnTransformer:
    """Return what makes of a frame of features a float64 matrix: categories first, as codes, then the numbers that have
    a value in the frame it is fitted on; boosting refuses a column without one.

    A missing or unknown category becomes NaN, which boosting treats as missing. A column with more categories than
    there are bins keeps its most frequent ones and pools the rest.
    """
    categories = [name for name, kind in types.items() if kind == "category"]
    numbers = list_known(frame, [name for name, kind in types.items() if kind == "number"])
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=section.max_bins,
    )
    parts = [("category", codes, categories), ("number", "passthrough", numbers)]
    return ColumnTransformer(parts, verbose_feature_names_out=False).fit(frame)


def build_booster(categories: int, section: Train, task: Task = "binary") -> Booster:
    """Return histogram gradient boosting that goes on where it stopped; its first `categories` columns are codes."""
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


def build_linear(categories: int, features: int, task: Task, alpha: float) -> Pipeline:
    """Return logistic or ridge regression with a penalty of `alpha`: categories as one column each, missing ones with a
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
    last = Ridge(alpha=alpha) if task == "regression" else LogisticRegression(C=1 / alpha, max_iter=2000)
    return Pipeline([("columns", ColumnTransformer(parts)), ("linear", last)])


def build_forest(section: Train, task: Task, leaves: int, min_samples_leaf: int = 1) -> Pipeline:
    """Return a random forest whose trees have at most so many leaves each, of `min_samples_leaf` rows at least; a
    category is its code.
    """
    kind = RandomForestRegressor if task == "regression" else RandomForestClassifier
    cut = FunctionTransformer(np.clip, kw_args={"a_min": -LARGEST_SINGLE, "a_max": LARGEST_SINGLE})
    trees = kind(
        n_estimators=section.trees,
        max_leaf_nodes=leaves,
        min_samples_leaf=min_samples_leaf,
        random_state=section.seed,
    )
    return Pipeline([("cut", cut), ("forest", trees)])
