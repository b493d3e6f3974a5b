"""The estimator: categories as ordinal codes that gradient boosting splits natively, numbers as they are."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.preprocessing import OrdinalEncoder

from stages.params import Params

Positive = Annotated[int, msgspec.Meta(ge=1)]


class Train(Params, frozen=True):
    """The section `train` of params.yaml."""

    max_rounds: Positive
    step: Annotated[int, msgspec.Meta(ge=10)] = 20
    patience: Positive = 3
    learning_rate: Annotated[float, msgspec.Meta(gt=0)] = 0.1
    max_leaf_nodes: Annotated[int, msgspec.Meta(ge=2)] = 31
    min_samples_leaf: Positive = 20
    l2_regularization: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    max_bins: Annotated[int, msgspec.Meta(ge=2, le=255)] = 255
    seed: int = 7


def encoder(types: dict[str, str], section: Train) -> ColumnTransformer:
    """From a frame of features to a float64 matrix: categories first, as codes, then the numbers.

    A missing or unknown category becomes NaN, which boosting treats as missing. A column with more categories than
    there are bins keeps its most frequent ones and pools the rest.
    """
    categories = [name for name, kind in types.items() if kind == "category"]
    numbers = [name for name, kind in types.items() if kind == "number"]
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=section.max_bins,
    )
    return ColumnTransformer(
        [("category", codes, categories), ("number", "passthrough", numbers)], verbose_feature_names_out=False
    )


def booster(categories: int, section: Train) -> HistGradientBoostingClassifier:
    """Histogram gradient boosting that goes on where it stopped; its first `categories` columns are codes."""
    return HistGradientBoostingClassifier(
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
