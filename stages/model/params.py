"""The section `train` of params.yaml: which estimators are tried, and how large they may become."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from stages.core.params import Params

Positive = Annotated[int, msgspec.Meta(ge=1)]


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
