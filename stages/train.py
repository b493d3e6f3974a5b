"""Train: fit on the train rows, choose the number of rounds on the validation rows.

Reads `data/features.csv`, `data/features.json` and the target of `data/schema.json`. Writes `model/trained.pkl` (the
whole pipeline, features to prediction), `metrics/train.json` and `metrics/learning_curve.csv`. Killed at any point and
started again it goes on from its last checkpoint and ends with the same bytes.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.pipeline import Pipeline

from stages import checkpoint, definition, params, run, schema, tables
from stages.definition import DEFINITION
from stages.errors import DataError, TrainError
from stages.estimator import Train, booster, encoder
from stages.files import rounded, write_bytes, write_json
from stages.leaks import suspects

FEATURES = Path("data/features.csv")
MODEL = Path("model/trained.pkl")
METRICS = Path("metrics/train.json")
CURVE = Path("metrics/learning_curve.csv")
CURVE_ROWS = 20_000
CODE = [Path(__file__).with_name(f"{name}.py") for name in ("train", "estimator", "checkpoint")]

Matrix = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]
Rows = tuple[Matrix, Labels]


@dataclass
class State:
    """A training between two steps: the booster so far and the best one yet (both packed), and the curve up to here."""

    booster: bytes
    best: bytes = b""
    curve: list[dict[str, float]] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        """Rounds done."""
        return int(self.curve[-1]["round"]) if self.curve else 0

    @property
    def stale(self) -> int:
        """Steps since the validation loss was last at its lowest."""
        losses = [point["validation_log_loss"] for point in self.curve]
        return len(losses) - 1 - int(np.argmin(losses)) if losses else 0


def losses(model: HistGradientBoostingClassifier, train: Rows, validation: Rows) -> dict[str, float]:
    """Log loss on the train rows and on the validation rows."""
    every = -(-len(train[1]) // CURVE_ROWS)  # a look at some train rows tells as much and costs less
    parts = {"train": (train[0][::every], train[1][::every]), "validation": validation}
    return {
        f"{name}_log_loss": float(log_loss(labels, model.predict_proba(matrix)[:, 1], labels=[False, True]))
        for name, (matrix, labels) in parts.items()
    }


def step(state: State, rounds: int, train: Rows, validation: Rows) -> State:
    """The state after boosting up to `rounds`; each step starts from packed bytes, as one after a kill does."""
    model = checkpoint.unpacked(state.booster).set_params(max_iter=rounds)
    try:
        model.fit(*train)
        point = {"round": rounds, **losses(model, train, validation)}
    except ValueError as error:
        raise TrainError(
            f"scikit-learn refused at round {state.rounds}: {error} Look at the columns of {FEATURES} "
            "and at the section train of params.yaml; training is not tried again by itself."
        ) from None
    model._bin_mapper.n_threads = None  # else the pickle's bytes would depend on this machine's number of cores
    booster = checkpoint.packed(model)
    lowest = min((past["validation_log_loss"] for past in state.curve), default=np.inf)
    best = booster if point["validation_log_loss"] < lowest else state.best
    return State(booster, best, [*state.curve, point])


def fit(state: State, section: Train, train: Rows, validation: Rows, key: str) -> State:
    """Boost in steps until `max_rounds`, or until `patience` steps bring nothing; each whole step is a checkpoint."""
    steps = range(state.rounds + section.step, section.max_rounds + section.step, section.step)
    for goal in run.progress(steps, "step"):
        if state.stale >= section.patience:
            break
        rounds = min(goal, section.max_rounds)
        state = step(state, rounds, train, validation)
        if rounds % section.step == 0:
            checkpoint.save(key, asdict(state))
        logging.info("train: %d rounds, validation log loss %.5f", rounds, state.curve[-1]["validation_log_loss"])
    return state


def resumed(key: str, section: Train, fresh: HistGradientBoostingClassifier) -> State:
    """The state to go on from: a checkpoint's, if one was kept within this run's rounds, else the beginning."""
    found = checkpoint.load(key)
    if found is None or (kept := State(**found)).rounds > section.max_rounds:
        return State(checkpoint.packed(fresh))
    logging.info("train: going on from the checkpoint at %d rounds", kept.rounds)
    return kept


def key_of(section: Train, positive: str) -> str:
    """The checkpoint's key: all that the training depends on, but for how many rounds there may be."""
    settings = msgspec.structs.replace(section, max_rounds=1)  # more rounds go on from where fewer ended
    versions = f"{sklearn.__version__} {np.__version__}"
    read = [path.read_bytes() for path in (FEATURES, DEFINITION, *CODE)]
    return checkpoint.key(*read, positive.encode(), versions.encode(), msgspec.json.encode(settings))


def scores(model: HistGradientBoostingClassifier, matrix: Matrix, labels: Labels) -> dict[str, float]:
    """Log loss and AUC of the model on encoded rows."""
    probability = model.predict_proba(matrix)[:, 1]
    return {"log_loss": float(log_loss(labels, probability)), "auc": float(roc_auc_score(labels, probability))}


def work() -> None:
    """Train on the features, from the last checkpoint of the same data, code and params if there is one."""
    section = params.load("train", Train)
    target = schema.read().target
    types = definition.read().types
    rows = tables.read(FEATURES, types)
    parts = {name: rows[rows["split"] == name] for name in ("train", "validation")}
    labels = {name: (part[target.name] == target.positive).to_numpy() for name, part in parts.items()}
    for name, classes in labels.items():
        if classes.all() or not classes.any():
            raise DataError(f"the {name} rows of {FEATURES} are of one class or none. Move the split's borders.")
    encode = encoder(types, section).fit(parts["train"][list(types)])
    matrix = {name: encode.transform(part[list(types)]) for name, part in parts.items()}
    told = suspects(
        list(map(str, encode.get_feature_names_out())),
        (matrix["train"], labels["train"]),
        (matrix["validation"], labels["validation"]),
    )
    for name, reached_alone in told.items():
        logging.warning(
            "train: %s alone ranks the validation rows with an AUC of %.3f. If it is known only afterwards, list "
            "it in clean.drop_leaks of params.yaml.",
            name,
            reached_alone,
        )
    key = key_of(section, target.positive)
    fresh = booster(sum(kind == "category" for kind in types.values()), section)
    state = fit(
        resumed(key, section, fresh),
        section,
        (matrix["train"], labels["train"]),
        (matrix["validation"], labels["validation"]),
        key,
    )
    best = checkpoint.unpacked(state.best)
    write_bytes(MODEL, checkpoint.packed(Pipeline([("encode", encode), ("boost", best)])))
    reached = {name: scores(best, matrix[name], labels[name]) for name in matrix}
    write_json(
        METRICS, rounded({**reached, "rounds": best.n_iter_, "rounds_tried": state.rounds, "suspected_leaks": told})
    )
    tables.write(CURVE, pd.DataFrame(rounded(state.curve)).astype({"round": np.int64}))
    logging.info("train: %d rounds chosen, validation AUC %.3f", best.n_iter_, reached["validation"]["auc"])


def main() -> None:
    """`python -m stages.train`."""
    run.stage("train", work)


if __name__ == "__main__":
    main()
