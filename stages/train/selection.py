"""Which estimator: each is fitted on some rows and validated on others, and so is their blend; the lowest loss wins.

The rows to validate on are the validation rows, or with `folds` each row once, by an estimator not fitted on it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import clone

from stages.core.errors import TrainError
from stages.model import fitting
from stages.model.estimators import ALPHAS, MIN_SAMPLES_LEAF, build_booster, build_forest, build_linear
from stages.model.fitting import Floats, Labels, predict
from stages.model.params import Train
from stages.train import blend, boosting
from stages.train.boosting import Split, State
from stages.train.losses import losses

FOREST_ROWS = 20_000
"""Rows up to which a forest is tried beside others: beyond, trees would have to be cut short to be served quickly."""
FOREST_BYTES = 3_300_000
"""Size of a forest's ONNX form, at most: with boosting beside it the model's file stays below 5 MB, which is what is
kept in git."""
LEAF_BYTES, NUMBER_BYTES = 33, 8
"""What a leaf with its split takes of it, and each number the leaf holds: one, or one for each of several classes."""


@dataclass(frozen=True)
class CandidateResult:
    """An estimator (not fitted) and its predictions for all validation rows, split by split, with their mean loss.

    `fitted` is the fit itself where there was one split only, and not of a blend. `weights` are those of a blend.
    """

    name: str
    estimator: Any
    predictions: Floats
    loss: float
    fitted: Any = None
    rounds: int = 0
    weights: dict[str, float] = field(default_factory=dict)


def evaluate_candidates(
    section: Train, categories: int, splits: Sequence[Split], key: str | None
) -> tuple[list[CandidateResult], State | None]:
    """Return the result of each estimator that the params name, and how boosting went where it was one of them.

    categories: how many of the matrix's first columns are codes. key: the checkpoint's, None for none.
    """
    several = section.estimator in ("best", "blend")
    names = ["boosting", "linear", "forest"] if several else [section.estimator]
    if several and max(len(split.train.labels) for split in splits) > FOREST_ROWS:
        names.remove("forest")
    results, state = [], None
    if "boosting" in names:
        estimator = build_booster(categories, section, splits[0].task)
        state = boosting.fit(boosting.resume(key, section, estimator, len(splits)), section, splits, key)
        results.append(evaluate_boosting(state, estimator, splits))
    if "linear" in names:
        results.append(evaluate_linear(categories, splits))
    if "forest" in names:
        results.append(evaluate_forest(section, splits))
    if several:
        results.append(evaluate_blend(results, splits))
    for result in results:
        logging.info("train: %s, validation loss %.5f", result.name, result.loss)
    return results, state


def select_best(results: Sequence[CandidateResult], name: str) -> CandidateResult:
    """Return the result that the params name, or the first with the lowest loss."""
    return min(results, key=lambda result: (name not in ("best", result.name), result.loss))


def fit_clone(estimator: Any, rows: Any, y_true: Labels) -> Any:
    """Return a fitted copy of the estimator. Raises TrainError where scikit-learn refuses."""
    try:
        return fitting.fit_clone(estimator, rows, y_true)
    except ValueError as error:
        raise TrainError(
            f"scikit-learn refused: {error} Look at the columns of data/features.csv and at the section train of "
            "params.yaml; training is not tried again by itself."
        ) from None


def evaluate(name: str, estimator: Any, splits: Sequence[Split]) -> CandidateResult:
    """Fit the estimator on each split's train rows and validate it on the others."""
    return _validate(name, estimator, [fit_clone(estimator, *split.train) for split in splits], splits)


def evaluate_boosting(state: State, estimator: Any, splits: Sequence[Split]) -> CandidateResult:
    """Validate boosting at its best number of rounds."""
    rounds = int(state.curve[state.best]["round"])
    models = boosting.rebuild_models(state, state.best + 1)
    fitted = [model.set_params(max_iter=rounds, warm_start=False) for model in models]
    return _validate("boosting", clone(estimator).set_params(max_iter=rounds, warm_start=False), fitted, splits, rounds)


def evaluate_linear(categories: int, splits: Sequence[Split]) -> CandidateResult:
    """Return the linear model with the best of the `ALPHAS`."""
    features, task = splits[0].train.matrix.shape[1], splits[0].task
    results = [evaluate("linear", build_linear(categories, features, task, alpha), splits) for alpha in ALPHAS]
    return min(results, key=lambda result: result.loss)


def evaluate_forest(section: Train, splits: Sequence[Split]) -> CandidateResult:
    """Return the forest with the best of the `MIN_SAMPLES_LEAF`, its trees as large as the model's file may be."""
    task = splits[0].task
    leaf_bytes = LEAF_BYTES + NUMBER_BYTES * (splits[0].classes if task == "multiclass" else 1)
    leaves = max(2, FOREST_BYTES // leaf_bytes // section.trees)
    results = [evaluate("forest", build_forest(section, task, leaves, rows), splits) for rows in MIN_SAMPLES_LEAF]
    return min(results, key=lambda result: result.loss)


def evaluate_blend(results: Sequence[CandidateResult], splits: Sequence[Split]) -> CandidateResult:
    """Return the blend of the candidates by their predictions: nothing is fitted for it before it is chosen."""
    y_true, task = validation_labels(splits), splits[0].task
    weights = blend.choose_weights([result.predictions for result in results], y_true, task)
    used = {result.name: (result, weight) for result, weight in zip(results, weights, strict=True) if weight}
    predictions = blend.average([result.predictions for result, _ in used.values()], [w for _, w in used.values()])
    return CandidateResult(
        "blend",
        blend.build_blend({name: (result.estimator, weight) for name, (result, weight) in used.items()}, task),
        predictions,
        float(losses(predictions, y_true, task).mean()),
        rounds=sum(result.rounds for result, _ in used.values()),
        weights={name: weight for name, (_, weight) in used.items()},
    )


def validation_labels(splits: Sequence[Split]) -> Labels:
    """Return the labels of all validation rows, split by split."""
    return np.concatenate([split.validation.labels for split in splits])


def _validate(
    name: str, estimator: Any, models: Sequence[Any], splits: Sequence[Split], rounds: int = 0
) -> CandidateResult:
    predictions = np.concatenate(
        [
            predict(model, split.validation.matrix, split.task, split.classes)
            for model, split in zip(models, splits, strict=True)
        ]
    )
    loss = float(losses(predictions, validation_labels(splits), splits[0].task).mean())
    return CandidateResult(name, estimator, predictions, loss, models[0] if len(models) == 1 else None, rounds)
