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

from stages.core import run
from stages.core.errors import TrainError
from stages.model.estimators import Booster, Floats, Labels, Train, answers
from stages.train import checkpoint
from stages.train.losses import losses

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
    """A training between two steps, for each pair: the booster without its trees, and each step's trees; all packed."""

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


def models(state: State, steps: int | None = None) -> list[Booster]:
    """Each pair's booster with the trees of all steps, or of the first so many."""
    made = []
    for packed, chunks in zip(state.boosters, state.trees, strict=True):
        model = checkpoint.unpacked(packed)
        if chunks:
            model._predictors = [trees for chunk in chunks[:steps] for trees in checkpoint.unpacked(chunk)]
        made.append(model)
    return made


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


def grown(model: Booster, rounds: int, rows: Rows) -> tuple[bytes, bytes]:
    """Boost up to `rounds`: the packed booster without its trees, and the new trees.

    Every tree is once packed and unpacked, here as after a kill, so that a booster's bytes do not tell how it came to
    be; and only the new ones are, so that many rounds take no longer than they are many.
    """
    done = len(getattr(model, "_predictors", []))
    model.set_params(max_iter=rounds).fit(*rows)
    model._bin_mapper.n_threads = None  # else the pickle's bytes would depend on this machine's number of cores
    trees, model._predictors = model._predictors[done:], []
    return checkpoint.packed(model), checkpoint.packed(trees)


def step(state: State, live: list[Booster], rounds: int, pairs: Sequence[Pair]) -> tuple[State, list[Booster]]:
    """The state after boosting its boosters, unpacked in `live`, up to `rounds`, and those boosters, unpacked."""
    before = [list(getattr(model, "_predictors", [])) for model in live]
    try:
        made = [grown(model, rounds, pair.fit) for model, pair in zip(live, pairs, strict=True)]
        after = []
        for (bare, new), trees in zip(made, before, strict=True):
            after.append(checkpoint.unpacked(bare))
            after[-1]._predictors = trees + checkpoint.unpacked(new)
        reached = {"round": rounds, **point(after, pairs)}
    except ValueError as error:
        raise TrainError(
            f"scikit-learn refused at round {state.rounds}: {error} Look at the columns of data/features.csv "
            "and at the section train of params.yaml; training is not tried again by itself."
        ) from None
    trees_of = [[*chunks, new] for chunks, (_, new) in zip(state.trees, made, strict=True)]
    return State([bare for bare, _ in made], trees_of, [*state.curve, reached]), after


def fit(state: State, section: Train, pairs: Sequence[Pair], key: str | None) -> State:
    """Boost in steps until `max_rounds`, or until `patience` steps bring nothing; each whole step is a checkpoint."""
    live = models(state)
    steps = range(state.rounds + section.step, section.max_rounds + section.step, section.step)
    for goal in run.progress(steps, "step"):
        if state.stale >= section.patience:
            break
        rounds = min(goal, section.max_rounds)
        state, live = step(state, live, rounds, pairs)
        if rounds % section.step == 0:
            checkpoint.save(key, asdict(state))
        logging.info("train: %d rounds, validation loss %.5f", rounds, state.curve[-1]["validation_loss"])
    return state


def resumed(key: str | None, section: Train, fresh: Booster, pairs: int) -> State:
    """The state to go on from: a checkpoint's, if one was kept within this run's rounds, else the beginning."""
    found = checkpoint.load(key)
    if found is None or (kept := State(**found)).rounds > section.max_rounds:
        return State([checkpoint.packed(fresh)] * pairs, [[]] * pairs)
    logging.info("train: going on from the checkpoint at %d rounds", kept.rounds)
    return kept
