"""Boosting in steps: each is a checkpoint, and the rows not fitted on say how many rounds are best.

There is one booster for each split: one with a validation part, `k` with cross-validation. All go on together, and the
curve is their mean.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

import numpy as np

from stages.core import run
from stages.core.errors import TrainError
from stages.model.estimators import Booster
from stages.model.fitting import Floats, Labels, predict
from stages.model.params import Train
from stages.table.schema import Task
from stages.train import checkpoint
from stages.train.losses import losses

CURVE_ROWS = 20_000


class Rows(NamedTuple):
    """The matrix of some rows and their labels."""

    matrix: Floats
    labels: Labels


class Split(NamedTuple):
    """Rows to fit on, and others to validate on; `classes` is the number of classes the schema knows."""

    train: Rows
    validation: Rows
    task: Task
    classes: int


@dataclass
class State:
    """A training between two steps, for each split: the booster without its trees, and each step's trees; pickled."""

    boosters: list[bytes]
    trees: list[list[bytes]]
    curve: list[dict[str, float]] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        """Rounds done."""
        return int(self.curve[-1]["round"]) if self.curve else 0

    @property
    def best(self) -> int:
        """The step (from 0) at which the validation loss was first at its lowest."""
        return int(np.argmin([point["validation_loss"] for point in self.curve]))

    @property
    def stale(self) -> int:
        """Steps since then."""
        return len(self.curve) - 1 - self.best if self.curve else 0


def rebuild_models(state: State, steps: int | None = None) -> list[Booster]:
    """Return each split's booster with the trees of all steps, or of the first so many."""
    models = []
    for booster, chunks in zip(state.boosters, state.trees, strict=True):
        model = checkpoint.unpack(booster)
        if chunks:
            model._predictors = [trees for chunk in chunks[:steps] for trees in checkpoint.unpack(chunk)]
        models.append(model)
    return models


def mean_losses(models: Sequence[Booster], splits: Sequence[Split]) -> dict[str, float]:
    """Return the mean loss over all rows of the splits' two sides."""
    by_side: dict[str, list[Floats]] = {"train_loss": [], "validation_loss": []}
    for model, split in zip(models, splits, strict=True):
        every = -(-len(split.train.labels) // CURVE_ROWS)  # a look at some train rows tells as much and costs less
        some = Rows(split.train.matrix[::every], split.train.labels[::every])
        for name, rows in (("train_loss", some), ("validation_loss", split.validation)):
            predictions = predict(model, rows.matrix, split.task, split.classes)
            by_side[name].append(losses(predictions, rows.labels, split.task))
    return {name: float(np.concatenate(each).mean()) for name, each in by_side.items()}


def boost(model: Booster, rounds: int, rows: Rows) -> tuple[bytes, bytes]:
    """Boost up to `rounds`; return the pickled booster without its trees, and the new trees.

    Every tree is once pickled and read again, here as after a kill, so that a booster's bytes do not tell how it came
    to be; and only the new ones are, so that many rounds take no longer than they are many.
    """
    done = len(getattr(model, "_predictors", []))
    model.set_params(max_iter=rounds).fit(*rows)
    model._bin_mapper.n_threads = None  # else the pickle's bytes would depend on this machine's number of cores
    trees, model._predictors = model._predictors[done:], []
    return checkpoint.pack(model), checkpoint.pack(trees)


def boost_all(state: State, models: list[Booster], rounds: int, splits: Sequence[Split]) -> tuple[State, list[Booster]]:
    """Boost the state's boosters (`models`) up to `rounds`; return the state after it, and its boosters."""
    before = [list(getattr(model, "_predictors", [])) for model in models]
    try:
        boosted = [boost(model, rounds, split.train) for model, split in zip(models, splits, strict=True)]
        after = []
        for (bare, new), trees in zip(boosted, before, strict=True):
            after.append(checkpoint.unpack(bare))
            after[-1]._predictors = trees + checkpoint.unpack(new)
        point = {"round": rounds, **mean_losses(after, splits)}
    except ValueError as error:
        raise TrainError(
            f"scikit-learn refused at round {state.rounds}: {error} Look at the columns of data/features.csv "
            "and at the section train of params.yaml; training is not tried again by itself."
        ) from None
    trees_of = [[*chunks, new] for chunks, (_, new) in zip(state.trees, boosted, strict=True)]
    return State([bare for bare, _ in boosted], trees_of, [*state.curve, point]), after


def fit(state: State, section: Train, splits: Sequence[Split], key: str | None) -> State:
    """Boost in steps until `max_rounds`, or until `patience` steps bring nothing; each whole step is a checkpoint."""
    models = rebuild_models(state)
    steps = range(state.rounds + section.step, section.max_rounds + section.step, section.step)
    for goal in run.progress(steps, "step"):
        if state.stale >= section.patience:
            break
        rounds = min(goal, section.max_rounds)
        state, models = boost_all(state, models, rounds, splits)
        if rounds % section.step == 0:
            checkpoint.save(key, asdict(state))
        logging.info("train: %d rounds, validation loss %.5f", rounds, state.curve[-1]["validation_loss"])
    return state


def resume(key: str | None, section: Train, estimator: Booster, splits: int) -> State:
    """Return the state to go on from: a checkpoint's, if one was kept within this run's rounds, else the beginning."""
    saved = checkpoint.load(key)
    if saved is None or (kept := State(**saved)).rounds > section.max_rounds:
        return State([checkpoint.pack(estimator)] * splits, [[]] * splits)
    logging.info("train: going on from the checkpoint at %d rounds", kept.rounds)
    return kept
