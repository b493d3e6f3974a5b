"""Which estimator: each is fitted on some rows and judged by others, and so is their blend; the lowest loss is taken.

The rows to judge by are the validation rows, or with `folds` each row once, by an estimator that was not fitted on it.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from stages.core.errors import TrainError
from stages.model.estimators import SMALLEST, STRENGTHS, Floats, Labels, Train, answers, booster, forest, linear
from stages.train import blend, boosting
from stages.train.boosting import Pair, State
from stages.train.losses import losses

FOREST_ROWS = 20_000
"""Rows up to which a forest is tried beside others: beyond, trees would have to be cut short to be served quickly."""
FOREST_BYTES = 3_300_000
"""Size of a forest's ONNX form, at most: with boosting beside it the model's file stays below 5 MB, which is what is
kept in git."""
LEAF_BYTES, NUMBER_BYTES = 33, 8
"""What a leaf with its split takes of it, and each number the leaf holds: one, or one for each of several classes."""


@dataclass(frozen=True)
class Judged:
    """An estimator's recipe (not fitted) and what its fits said of the rows they were not fitted on, pair by pair.

    `fitted` is the fit itself where there was one pair only, and not of a blend. `shares` are those of a blend.
    """

    name: str
    recipe: Any
    answers: Floats
    loss: float
    fitted: Any = None
    rounds: int = 0
    shares: dict[str, float] = field(default_factory=dict)


def fitted(recipe: Any, rows: Any, labels: Labels) -> Any:
    """A copy of the recipe, fitted. The same bytes on any number of cores. Raises TrainError where it cannot be."""
    model = clone(recipe)
    try:
        with threadpool_limits(1, user_api="blas"), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # its loss on other rows is what counts
            model.fit(rows, labels)
    except ValueError as error:
        raise TrainError(
            f"scikit-learn refused: {error} Look at the columns of data/features.csv and at the section train of "
            "params.yaml; training is not tried again by itself."
        ) from None
    for part in (model, *getattr(model, "estimators_", ())):
        if hasattr(part, "_bin_mapper"):
            part._bin_mapper.n_threads = None  # else the pickle's bytes would depend on this machine's number of cores
    return model


def judged(name: str, recipe: Any, pairs: Sequence[Pair]) -> Judged:
    """The recipe fitted on each pair's one side and asked about the other."""
    models = [fitted(recipe, *pair.fit) for pair in pairs]
    return _judged(name, recipe, models, pairs)


def by_boosting(state: State, recipe: Any, pairs: Sequence[Pair]) -> Judged:
    """What boosting says at its best number of rounds."""
    rounds = int(state.curve[state.best]["round"])
    best = [model.set_params(max_iter=rounds, warm_start=False) for model in boosting.models(state, state.best + 1)]
    return _judged("boosting", clone(recipe).set_params(max_iter=rounds, warm_start=False), best, pairs, rounds)


def by_linear(categories: int, pairs: Sequence[Pair]) -> Judged:
    """The linear model with the best of the `STRENGTHS`."""
    features = pairs[0].fit.matrix.shape[1]
    tried = [judged("linear", linear(categories, features, pairs[0].task, one), pairs) for one in STRENGTHS]
    return min(tried, key=lambda one: one.loss)


def by_forest(section: Train, pairs: Sequence[Pair]) -> Judged:
    """The forest with the best of the `SMALLEST` leaves, its trees as large as the model's file may be."""
    task = pairs[0].task
    leaf = LEAF_BYTES + NUMBER_BYTES * (pairs[0].classes if task == "multiclass" else 1)
    leaves = max(2, FOREST_BYTES // leaf // section.trees)
    tried = [judged("forest", forest(section, task, leaves, smallest), pairs) for smallest in SMALLEST]
    return min(tried, key=lambda one: one.loss)


def blended(found: Sequence[Judged], pairs: Sequence[Pair]) -> Judged:
    """The blend of what was found, by what each said: nothing is fitted for it before it is chosen."""
    labels, task = judge_labels(pairs), pairs[0].task
    given = blend.shares([one.answers for one in found], labels, task)
    used = {one.name: (one, share) for one, share in zip(found, given, strict=True) if share}
    said = blend.mixed([one.answers for one, _ in used.values()], [share for _, share in used.values()])
    return Judged(
        "blend",
        blend.recipe({name: (one.recipe, share) for name, (one, share) in used.items()}, task),
        said,
        float(losses(said, labels, task).mean()),
        rounds=sum(one.rounds for one, _ in used.values()),
        shares={name: share for name, (_, share) in used.items()},
    )


def chosen(found: Sequence[Judged], estimator: str) -> Judged:
    """The one that the params name, or the first with the lowest loss."""
    return min(found, key=lambda one: (estimator not in ("best", one.name), one.loss))


def tried(section: Train, categories: int, pairs: Sequence[Pair], key: str | None) -> tuple[list[Judged], State | None]:
    """Each estimator that the params name, judged, and how boosting went where it was one of them."""
    several = section.estimator in ("best", "blend")
    wanted = ["boosting", "linear", "forest"] if several else [section.estimator]
    if several and max(len(pair.fit.labels) for pair in pairs) > FOREST_ROWS:
        wanted.remove("forest")
    found, state = [], None
    if "boosting" in wanted:
        fresh = booster(categories, section, pairs[0].task)
        state = boosting.fit(boosting.resumed(key, section, fresh, len(pairs)), section, pairs, key)
        found.append(by_boosting(state, fresh, pairs))
    if "linear" in wanted:
        found.append(by_linear(categories, pairs))
    if "forest" in wanted:
        found.append(by_forest(section, pairs))
    if several:
        found.append(blended(found, pairs))
    for one in found:
        logging.info("train: %s, validation loss %.5f", one.name, one.loss)
    return found, state


def judge_labels(pairs: Sequence[Pair]) -> Labels:
    """The labels of the rows that `Judged.answers` speaks of."""
    return np.concatenate([pair.judge.labels for pair in pairs])


def _judged(name: str, recipe: Any, models: Sequence[Any], pairs: Sequence[Pair], rounds: int = 0) -> Judged:
    said = [
        answers(model, pair.judge.matrix, pair.task, pair.classes) for model, pair in zip(models, pairs, strict=True)
    ]
    together = np.concatenate(said)
    loss = float(losses(together, judge_labels(pairs), pairs[0].task).mean())
    return Judged(name, recipe, together, loss, models[0] if len(models) == 1 else None, rounds)
