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

from stages import champion, definition, gates, groups, intervals, params, run, saved, schema, tables
from stages.binary import Binary
from stages.blocks import Floats
from stages.errors import DataError, ModelError, ParamsError, did_you_mean
from stages.estimator import answers, labels
from stages.files import read_json, rounded, sha256, write_json
from stages.gates import Gate
from stages.importance import COLUMNS, importance
from stages.intervals import Measured, Tails
from stages.multiclass import Multiclass
from stages.regression import Regression
from stages.schema import Schema
from stages.scored import Scored, Shape, Table, crossed, held_out
from stages.scores_binary import Costs
from stages.task import Task

CLEAN = Path("data/clean.csv")
FEATURES = Path("data/features.csv")
MODEL = Path("model/trained.pkl")
TRAINED = Path("metrics/train.json")
PREDICTIONS = Path("data/predictions.csv")
METRICS = Path("metrics/evaluation.json")
PLOTS = Path("metrics/plots")
PARTS = ("train", "validation", "test")
FEWEST_BLOCKS = 5
"""Blocks below which an interval would claim a certainty that is not there."""

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
    tolerance: Annotated[float, msgspec.Meta(gt=0)] | None = None
    slices: list[str] = []
    min_slice: Positive = 500
    importance_rows: Positive = 20_000
    importance_repeats: Positive = 5
    seed: int = 7

    @property
    def costs(self) -> Costs:
        """The two costs together."""
        return Costs(self.cost_of_miss, self.cost_of_false_alarm)

    @property
    def tails(self) -> Tails:
        """The two quantiles between which the interval lies."""
        return (1 - self.confidence) / 2, (1 + self.confidence) / 2

    @property
    def shape(self) -> Shape:
        """What to score with."""
        return Shape(self.baseline, self.draws, self.folds, self.repeats, self.seed)


def check(section: Evaluate, columns: Schema) -> None:
    """Raise ParamsError for a gate that cannot be judged, or a column that the clean table does not have."""
    gates.check(section.gates, columns.task, section.tolerance)
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
    types, target = definition.read().types, columns.target
    clean = tables.read(CLEAN, columns.types)
    number = {target.name: "number"} if columns.task == "regression" else {}
    features = tables.read(FEATURES, {**types, **number})
    if len(clean) != len(features):
        raise DataError(f"{CLEAN} has {len(clean):,} rows, {FEATURES} {len(features):,}. Run `dvc repro features`.")
    block = clean[section.block].astype(str).to_numpy() if section.block else None
    truth = labels(features[target.name], columns.task, target)
    part = features["split"].to_numpy(dtype=object)
    return Table(clean, features[list(types)], truth, part, block), features[target.name]


def task_of(section: Evaluate, columns: Schema, table: Table, model: Any) -> tuple[Task, dict[str, float] | None]:
    """The task, and the candidate's interval where its answers have one."""
    if columns.task == "binary":
        return Binary(columns.target, section.costs), None
    if columns.task == "multiclass":
        return Multiclass(columns.target, int(np.bincount(table.truth[table.of("train")]).argmax())), None
    interval = read_json(TRAINED)["interval"]
    rows = table.of("validation")
    residuals = table.truth[rows] - answers(model, table.frame.iloc[rows], columns.task)[:, 0]
    return Regression(table.truth, interval, residuals, section.tolerance), interval


def champion_answers(
    rows: pd.DataFrame, columns: Schema, task: Task, candidate: str
) -> tuple[Floats | None, dict[str, Any]]:
    """What the champion says of the rows, where it can be compared, and what evaluation.json says of it."""
    version = champion.version()
    if version is None:
        return None, {}
    if version == candidate:
        return None, {"same": True, "version": version}
    manifest = champion.verified()
    reason = champion.incomparable(manifest, columns)
    if reason:
        return None, {"incomparable": reason, "version": version}
    said = saved.answers(manifest, champion.FOLDER / "model.onnx", rows, columns.types)
    if columns.task == "multiclass":
        said = said[:, [manifest["target"]["classes"].index(name) for name in columns.target.classes]]
    return task.said(said, manifest.get("interval")), {"version": version}


def compared(section: Evaluate, task: Task, scored: Scored, test: Scored) -> tuple[dict[str, Measured], ...]:
    """Each model's scores with intervals, and the candidate's differences to the others.

    The champion and the difference to it are always measured on the test rows.
    """

    def measure(rows: Scored) -> tuple[dict[str, Measured], dict[str, Measured]]:
        return intervals.compare(
            rows.models, lambda said, blocks: task.scores(rows.truth, said, blocks), rows.blocks, section.tails
        )

    each, differences = measure(scored)
    if scored is not test and "champion" in test.models:
        there, against = measure(test)
        each["champion"], differences["champion"] = there["champion"], against["champion"]
    return each, differences


def judged(
    section: Evaluate, task: str, each: dict[str, Measured], differences: dict[str, Measured]
) -> dict[str, dict[str, Any]]:
    """Every gate's result; a gate against a model that is not there, or has no such score, does not apply."""
    results = {}
    for name, gate in section.gates.items():
        values = differences.get(gate.against, {}) if gate.against else each["candidate"]
        results[name] = gates.judge(gate, values.get(gate.metric), task)
    return results


def plots_of(section: Evaluate, columns: Schema, task: Task, table: Table, scored: Scored) -> dict[str, Any]:
    """The tables of all plots that are made of the scored rows."""
    rows, truth, models, blocks, repeats = scored.rows, scored.truth, scored.models, scored.blocks, scored.repeats
    classes = task.classes(truth[: len(rows)])
    found = groups.slices(rows, section.slices, section.min_slice, classes)
    slices = groups.slice_rows(found, task, truth, models, blocks, section.tails, repeats)
    plots = {
        **task.plots(truth, models, blocks, section.tails),
        "slices": slices or pd.DataFrame(columns=groups.slice_columns(task, models)),
    }
    if columns.types.get(section.block) in ("date", "time"):
        plots["weekly"] = groups.weeks(rows[section.block], task, truth, models, blocks, repeats)
        plots["outcome"] = groups.months(table.clean[section.block], table.part, task.observed(table.truth))
    return plots


def estimate_of(section: Evaluate, scored: Scored) -> dict[str, Any]:
    """Where the scores come from."""
    if not section.folds:
        return {"by": "hold-out"}
    return {"by": "cross-validation", "folds": section.folds, "repeats": section.repeats, "rows": len(scored.rows)}


def check_blocks(section: Evaluate, scored: Scored) -> None:
    """Raise DataError where there are too few blocks to resample."""
    found = scored.blocks[1].shape[1]
    if found < FEWEST_BLOCKS:
        raise DataError(
            f"the {'table' if section.folds else 'hold-out'} has only {found} values of {section.block or 'row'}, too "
            "few to resample: an interval would claim a certainty that is not there. Choose another evaluate.block or "
            "a longer hold-out."
        )


def work() -> None:
    """Score the hold-out by the candidate, the baseline and the champion; judge the gates; write it all down."""
    section = params.load("evaluate", Evaluate)
    columns = schema.read()
    check(section, columns)
    table, written = load_table(section, columns)
    model, asked = load_model(), (columns.task, len(columns.target.classes))
    task, interval = task_of(section, columns, table, model)

    positions = table.of("test")
    version = sha256(MODEL)[: saved.VERSION_DIGITS]
    models = {"candidate": task.said(answers(model, table.frame.iloc[positions], *asked), interval)}
    old, said = champion_answers(table.clean.iloc[positions].reset_index(drop=True), columns, task, version)
    if old is not None:
        models["champion"] = old
    test = held_out(table, task, models, section.shape)
    scored = crossed(table, task, model, section.shape, asked, interval) if section.folds else test
    check_blocks(section, scored)
    few = len(test.models) > 2 and test.blocks[1].shape[1] < FEWEST_BLOCKS
    if few:
        test.models.pop("champion")
        said = {**said, "incomparable": "the hold-out is too small: it has to be compared on rows neither has seen"}

    each, differences = compared(section, task, scored, test)
    results = judged(section, columns.task, each, differences)
    evaluation = {
        "task": columns.task,
        "primary": task.primary,
        "estimate": estimate_of(section, scored),
        "rows": {name: len(table.of(name)) for name in PARTS},
        **task.parts({name: table.truth[table.of(name)] for name in PARTS}),
        "block": section.block or "row",
        "confidence": section.confidence,
        "version": version,
        "blocks": int(scored.blocks[1].shape[1]),
        "threshold": None,
        **task.summary(scored.truth, scored.models["candidate"]),
        "candidate": intervals.values(each["candidate"]),
        "interval": {name: {"low": v["low"], "high": v["high"]} for name, v in each["candidate"].items()},
        "baseline": intervals.values(each["baseline"]),
        "champion": {**said, **(intervals.values(each["champion"]) if "champion" in each else {})}
        if said
        else "none yet",
        "gates": results,
        "passed": gates.passed(results),
    }
    drops = importance(
        model,
        table.frame.iloc[positions],
        table.truth[positions],
        task.scoring,
        section.importance_rows,
        section.importance_repeats,
        section.seed,
    )
    plots = {
        "scores": intervals.long_table("model", each),
        "differences": intervals.long_table("against", differences),
        "importance": drops or pd.DataFrame(columns=COLUMNS),
        **plots_of(section, columns, task, table, scored),
    }
    predictions = {
        "row": positions,
        columns.target.name: written.iloc[positions].to_numpy(),
        **task.predictions(test.models),
    }
    tables.write(PREDICTIONS, pd.DataFrame(predictions))
    for name, rows in plots.items():
        tables.write(PLOTS / f"{name}.csv", pd.DataFrame(rounded(rows, task.digits)))
    write_json(METRICS, rounded(evaluation, task.digits))
    for name, result in results.items():
        logging.info("evaluate: gate %s (%s): %s", name, result["level"], result["result"])


def main() -> None:
    """`python -m stages.evaluate`."""
    run.stage("evaluate", work)


if __name__ == "__main__":
    main()
