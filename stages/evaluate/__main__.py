"""Evaluate: how good the candidate is on rows it never saw, against the baseline and the champion, and by its gates.

Reads `model/trained.pkl`, `metrics/train.json`, `data/features.csv`, `data/clean.csv` and the champion. Writes
`metrics/evaluation.json`, the data of every plot in `metrics/plots/`, and `data/predictions.csv`. The hold-out rows are
looked at here only. Where folds are asked for, the scores are those of cross-validation over all rows; the champion,
which may have learnt from any other row, is compared on the hold-out all the same.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

import joblib
import msgspec
import numpy as np
import pandas as pd

from stages.core import params, run
from stages.core.errors import DataError, ModelError, ParamsError, did_you_mean
from stages.core.files import read_json, rounded, sha256, write_json
from stages.evaluate import gates, inputs, intervals
from stages.evaluate import slices as groups
from stages.evaluate.binary.scores import Costs
from stages.evaluate.binary.task import Binary
from stages.evaluate.bootstrap import Floats
from stages.evaluate.comparison import FEWEST_BLOCKS, champion_answers, compared, judged
from stages.evaluate.gates import Gate
from stages.evaluate.intervals import Measured, Tails
from stages.evaluate.multiclass.task import Multiclass
from stages.evaluate.permutation_importance import COLUMNS, importance
from stages.evaluate.random_split import random_split
from stages.evaluate.regression.scores import UnitCosts
from stages.evaluate.regression.task import Regression
from stages.evaluate.scored_rows import Scored, Shape, Table, crossed, held_out
from stages.evaluate.task import DRAWN, Task
from stages.model import onnx_predict
from stages.model.estimators import answers, labels
from stages.model.predictions import actual
from stages.table import csv_io, schema
from stages.table.schema import Schema
from stages.transform import definition

CLEAN = Path("data/clean.csv")
FEATURES = Path("data/features.csv")
MODEL = Path("model/trained.pkl")
TRAINED = Path("metrics/train.json")
PREDICTIONS = Path("data/predictions.csv")
METRICS = Path("metrics/evaluation.json")
PLOTS = Path("metrics/plots")
PARTS = ("train", "validation", "test")
Positive = Annotated[int, msgspec.Meta(ge=1)]


class Evaluate(params.Params, frozen=True):
    """The section `evaluate` of params.yaml."""

    baseline: list[str]
    gates: dict[str, Gate]
    block: str = ""
    folds: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    repeats: Annotated[int, msgspec.Meta(ge=1, le=100)] = 5
    draws: Annotated[int, msgspec.Meta(ge=100)] = 500
    confidence: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.95
    cost_of_miss: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    cost_of_false_alarm: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    cost_of_over: Annotated[float, msgspec.Meta(gt=0)] | None = None
    cost_of_under: Annotated[float, msgspec.Meta(gt=0)] | None = None
    tolerance: Annotated[float, msgspec.Meta(gt=0)] | None = None
    slices: list[str] = []
    min_slice: Positive = 500
    slice_confidence: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.99
    random_split_rows: Annotated[int, msgspec.Meta(ge=0)] = 100_000
    importance_rows: Positive = 20_000
    importance_repeats: Positive = 5
    seed: int = 7

    @property
    def costs(self) -> Costs:
        """The two costs together."""
        return Costs(self.cost_of_miss, self.cost_of_false_alarm)

    @property
    def unit_costs(self) -> UnitCosts | None:
        """Those of a number predicted too high and too low, where they are set."""
        if self.cost_of_over is None or self.cost_of_under is None:
            return None
        return UnitCosts(self.cost_of_over, self.cost_of_under)

    @property
    def needs(self) -> dict[str, str]:
        """Metrics of a number that there are not, with what must be set for them."""
        found = {}
        if self.tolerance is None:
            found["within"] = "evaluate.tolerance, the error that counts as right"
        if self.unit_costs is None:
            found["cost"] = "evaluate.cost_of_over and evaluate.cost_of_under"
        return found

    @property
    def tails(self) -> Tails:
        """The two quantiles between which the interval lies."""
        return (1 - self.confidence) / 2, (1 + self.confidence) / 2

    @property
    def slice_tails(self) -> Tails:
        """The same for one slice: among many of them, some lie far out by chance."""
        return (1 - self.slice_confidence) / 2, (1 + self.slice_confidence) / 2

    @property
    def shape(self) -> Shape:
        """What to score with."""
        return Shape(self.baseline, self.draws, self.folds, self.repeats, self.seed)


def check(section: Evaluate, columns: Schema) -> None:
    """Raise ParamsError for a gate that cannot be judged, or a column that the clean table does not have."""
    gates.check(section.gates, columns.task, section.needs if columns.task == "regression" else {})
    if (section.cost_of_over is None) != (section.cost_of_under is None):
        raise ParamsError(
            "params.yaml: evaluate: cost_of_over and cost_of_under belong together: give both, or neither."
        )
    if section.folds == 1:
        raise ParamsError("params.yaml: evaluate.folds: 1 fold leaves no row to fit on. Give 0 (none), or 2 or more.")
    wanted = {"baseline": section.baseline, "slices": section.slices, "block": [section.block] if section.block else []}
    for where, names in wanted.items():
        for name in names:
            if name not in columns.types:
                near = did_you_mean(name, columns.types)
                raise ParamsError(f"params.yaml: evaluate.{where}: data/clean.csv has no column '{name}'.{near}")


def load_model() -> Any:
    """The pipeline that train wrote in this very run of the DAG."""
    try:
        return joblib.load(MODEL)
    except FileNotFoundError:
        raise ModelError(f"{MODEL} is missing. Run `dvc repro train`.") from None
    except Exception as error:  # a damaged pickle may raise anything
        raise ModelError(f"{MODEL} is damaged ({type(error).__name__}). Run `dvc repro --force train`.") from None


def load_table(section: Evaluate, columns: Schema) -> tuple[Table, pd.Series[Any]]:
    """All rows, and their target as it is written."""
    defined, target = definition.read(), columns.target
    clean = csv_io.read(CLEAN, columns.types)
    number = {target.name: "number"} if columns.task == "regression" else {}
    features = csv_io.read(FEATURES, {**defined.types, **number})
    if len(clean) != len(features):
        raise DataError(f"{CLEAN} has {len(clean):,} rows, {FEATURES} {len(features):,}. Run `dvc repro features`.")
    block = clean[section.block].astype(str).to_numpy() if section.block else None
    truth = labels(features[target.name], columns.task, target)
    part = features[defined.split].to_numpy(dtype=object)
    return Table(clean, features[list(defined.types)], truth, part, block), features[target.name]


def task_of(section: Evaluate, columns: Schema, table: Table, model: Any) -> tuple[Task, dict[str, float] | None]:
    """The task, and the candidate's interval where its answers have one."""
    if columns.task == "binary":
        return Binary(columns.target, section.costs), None
    if columns.task == "multiclass":
        return Multiclass(columns.target, int(np.bincount(table.truth[table.of("train")]).argmax())), None
    interval = read_json(TRAINED)["interval"]
    rows = table.of("validation")
    residuals = table.truth[rows] - answers(model, table.frame.iloc[rows], columns.task)[:, 0]
    return Regression(table.truth, interval, residuals, section.tolerance, section.unit_costs), interval


def plots_of(section: Evaluate, columns: Schema, task: Task, table: Table, scored: Scored) -> dict[str, Any]:
    """The tables of all plots that are made of the scored rows."""
    rows, truth, models, blocks, repeats = scored.rows, scored.truth, scored.models, scored.blocks, scored.repeats
    classes = task.classes(truth[: len(rows)])
    found = groups.slices(rows, section.slices, section.min_slice, classes)
    slices = groups.slice_rows(found, task, truth, models, blocks, section.slice_tails, repeats)
    shuffled = (section.importance_rows, section.importance_repeats, section.seed)
    drops = importance(scored.fits, task.scoring, *shuffled)
    plots = {
        **task.plots(truth, models, blocks, section.tails),
        "slices": slices or pd.DataFrame(columns=groups.slice_columns(task, models)),
        "importance": drops or pd.DataFrame(columns=COLUMNS),
        **inputs.tables(task, table, scored, [row["column"] for row in drops], section.seed),
    }
    if columns.types.get(section.block) in ("date", "time"):
        plots["weekly"] = groups.weeks(rows[section.block], task, truth, models, blocks, section.tails, repeats)
        plots["outcome"] = groups.months(table.clean[section.block], table.part, task.observed(table.truth))
    return plots


def estimate_of(section: Evaluate, scored: Scored, test: Scored, alone: Measured) -> dict[str, Any]:
    """Where the scores come from; of cross-validation also what the hold-out alone says of the candidate."""
    if scored is test:
        return {"by": "hold-out"}
    return {
        "by": "cross-validation",
        "folds": section.folds,
        "repeats": section.repeats,
        "rows": len(scored.rows),
        "champion": "hold-out",
        "hold_out": {"rows": len(test.rows), "candidate": intervals.values(alone)},
    }


def check_blocks(section: Evaluate, found: int) -> None:
    """Raise DataError where there are too few blocks to resample."""
    if found < FEWEST_BLOCKS:
        raise DataError(
            f"the {'table' if section.folds else 'hold-out'} has only {found} values of {section.block or 'row'}, too "
            "few to resample: an interval would claim a certainty that is not there. Choose another evaluate.block or "
            "a longer hold-out."
        )


def scored_rows(section: Evaluate, columns: Schema, table: Table, version: str) -> tuple[Task, Scored, Scored, Any]:
    """The task, the rows that the scores come from, the hold-out, and what evaluation.json says of the champion."""
    model, classes = load_model(), len(columns.target.classes)
    task, interval = task_of(section, columns, table, model)

    def answered(fitted: Any, frame: pd.DataFrame) -> Floats:
        return task.said(answers(fitted, frame, columns.task, classes), interval)

    positions = table.of("test")
    blocks = len(np.unique(table.block[positions])) if table.block is not None else len(positions)
    models = {"candidate": answered(model, table.frame.iloc[positions])}
    held = table.clean.iloc[positions].reset_index(drop=True)
    champion, said = champion_answers(held, blocks, columns, task, version)
    if champion is not None:
        models["champion"] = champion
    test = held_out(table, task, model, models, section.shape, answered)
    return task, crossed(table, task, model, section.shape, answered) if section.folds else test, test, said


def work() -> None:
    """Score the candidate, the baseline and the champion; judge the gates; write it all down."""
    section = params.load("evaluate", Evaluate)
    columns = schema.read()
    check(section, columns)
    table, written = load_table(section, columns)
    version = sha256(MODEL)[: onnx_predict.VERSION_DIGITS] if MODEL.exists() else ""
    task, scored, test, said = scored_rows(section, columns, table, version)
    check_blocks(section, scored.blocks[1].shape[1])
    each, differences, alone = compared(task, scored, test, section.tails)
    results = judged(section.gates, columns.task, each, differences)
    evaluation = {
        "task": columns.task,
        "primary": task.primary,
        "estimate": estimate_of(section, scored, test, alone),
        "rows": {name: len(table.of(name)) for name in PARTS},
        **task.parts({name: table.truth[table.of(name)] for name in PARTS}),
        "block": section.block or "row",
        "confidence": section.confidence,
        "slice_confidence": section.slice_confidence,
        "version": version,
        "blocks": int(scored.blocks[1].shape[1]),
        "threshold": None,
        **task.summary(scored.truth, scored.models["candidate"]),
        "candidate": intervals.values(each["candidate"]),
        "interval": {name: {"low": v["low"], "high": v["high"]} for name, v in each["candidate"].items()},
        "baseline": intervals.values(each["baseline"]),
        "baseline_keys": section.baseline,
        "champion": {**said, **intervals.values(each.get("champion", {}))} if said else "none yet",
        "random_split": random_split(table, task, test, section.random_split_rows, section.seed),
        "gates": results,
        "passed": gates.passed(results),
    }
    plots = {
        **{name: pd.DataFrame(columns=names) for name, names in DRAWN.items()},
        "scores": intervals.long_table("model", each),
        "differences": intervals.long_table("against", differences),
        **plots_of(section, columns, task, table, scored),
    }
    positions = table.of("test")
    predictions = {"row": positions, actual(columns.target.name): written.iloc[positions].to_numpy()}
    csv_io.write(PREDICTIONS, pd.DataFrame({**predictions, **task.predictions(test.models)}))
    for name, rows in plots.items():
        csv_io.write(PLOTS / f"{name}.csv", pd.DataFrame(rounded(rows, task.digits)))
    write_json(METRICS, rounded(evaluation, task.digits))
    for name, result in results.items():
        logging.info("evaluate: gate %s (%s): %s", name, result["level"], result["result"])


def main() -> None:
    """`python -m stages.evaluate`."""
    run.stage("evaluate", work)


if __name__ == "__main__":
    main()
