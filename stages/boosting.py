"""Boosting in steps: each is a checkpoint, and the rows not fitted on say how many rounds are best.

There is one booster for each pair of rows to fit on and rows to judge by: one pair with a validation part, `k` with
cross-validation. All go on together, and the curve is their mean.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

import numpy as np

from stages import checkpoint, run
from stages.errors import TrainError
from stages.estimator import Booster, Floats, Labels, Train, answers
from stages.losses import losses

CURVE_ROWS = 20_000


class Rows(NamedTuple):
    """The matrix of some rows and their labels."""

    matrix: Floats
    labels: Labels


class Pair(NamedTuple):
    """Rows to fit on, and others to judge by; `classes` is the number of classes the schema knows."""

    fit: Rows
    judge: Rows
    task: str
    classes: int


@dataclass
class State:
    """A training between two steps: the boosters so far and the best yet (packed, one a pair), the curve up to here."""

    boosters: list[bytes]
    best: list[bytes] = field(default_factory=list)
    curve: list[dict[str, float]] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        """Rounds done."""
        return int(self.curve[-1]["round"]) if self.curve else 0

    @property
    def stale(self) -> int:
        """Steps since the validation loss was last at its lowest."""
        found = [point["validation_loss"] for point in self.curve]
        return len(found) - 1 - int(np.argmin(found)) if found else 0

    @property
    def chosen(self) -> dict[str, float]:
        """The curve's lowest point."""
        return min(self.curve, key=lambda point: point["validation_loss"])


def point(models: Sequence[Booster], pairs: Sequence[Pair]) -> dict[str, float]:
    """The mean loss over all rows of the pairs' two sides."""
    found: dict[str, list[Floats]] = {"train_loss": [], "validation_loss": []}
    for model, pair in zip(models, pairs, strict=True):
        every = -(-len(pair.fit.labels) // CURVE_ROWS)  # a look at some train rows tells as much and costs less
        some = Rows(pair.fit.matrix[::every], pair.fit.labels[::every])
        for name, rows in (("train_loss", some), ("validation_loss", pair.judge)):
            said = answers(model, rows.matrix, pair.task, pair.classes)
            found[name].append(losses(said, rows.labels, pair.task))
    return {name: float(np.concatenate(each).mean()) for name, each in found.items()}


def packed(model: Booster) -> bytes:
    """The booster's bytes, which do not tell this machine's number of cores."""
    model._bin_mapper.n_threads = None
    return checkpoint.packed(model)


def step(state: State, rounds: int, pairs: Sequence[Pair]) -> State:
    """The state after boosting up to `rounds`; each step starts from packed bytes, as one after a kill does."""
    models = [checkpoint.unpacked(content).set_params(max_iter=rounds) for content in state.boosters]
    try:
        for model, pair in zip(models, pairs, strict=True):
            model.fit(*pair.fit)
        reached = {"round": rounds, **point(models, pairs)}
    except ValueError as error:
        raise TrainError(
            f"scikit-learn refused at round {state.rounds}: {error} Look at the columns of data/features.csv "
            "and at the section train of params.yaml; training is not tried again by itself."
        ) from None
    if not np.isfinite(reached["validation_loss"]):
        raise TrainError(
            f"the loss is no number after {rounds} rounds: the target's values are too large to be squared. "
            "Give the target in a larger unit."
        )
    boosters = [packed(model) for model in models]
    lowest = min((past["validation_loss"] for past in state.curve), default=np.inf)
    best = boosters if reached["validation_loss"] < lowest else state.best
    return State(boosters, best, [*state.curve, reached])


def fit(state: State, section: Train, pairs: Sequence[Pair], key: str) -> State:
    """Boost in steps until `max_rounds`, or until `patience` steps bring nothing; each whole step is a checkpoint."""
    steps = range(state.rounds + section.step, section.max_rounds + section.step, section.step)
    for goal in run.progress(steps, "step"):
        if state.stale >= section.patience:
            break
        rounds = min(goal, section.max_rounds)
        state = step(state, rounds, pairs)
        if rounds % section.step == 0:
            checkpoint.save(key, asdict(state))
        logging.info("train: %d rounds, validation loss %.5f", rounds, state.curve[-1]["validation_loss"])
    return state


def resumed(key: str, section: Train, fresh: Booster, pairs: int) -> State:
    """The state to go on from: a checkpoint's, if one was kept within this run's rounds, else the beginning."""
    found = checkpoint.load(key)
    if found is None or (kept := State(**found)).rounds > section.max_rounds:
        return State([checkpoint.packed(fresh)] * pairs)
    logging.info("train: going on from the checkpoint at %d rounds", kept.rounds)
    return kept
