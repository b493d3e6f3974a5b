"""How good the candidate is on rows it never saw, against the baseline and the champion, and by its gates; no files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, get_args

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.pipeline import Pipeline

from stages.contracts.evaluation import AnyEvaluation, Bounds, Estimate, HoldOut, Part, RandomSplit, WorstGroup
from stages.contracts.train_metrics import TrainMetrics
from stages.core.errors import DataError
from stages.core.files import round_floats
from stages.evaluate import gates, inputs, intervals, sensitive, slices
from stages.evaluate.baseline import list_tenths
from stages.evaluate.binary.task import Binary
from stages.evaluate.bootstrap import Floats
from stages.evaluate.comparison import FEWEST_BLOCKS, InUse, compare_models, judge_gates, predict_champion, widen
from stages.evaluate.intervals import Measured
from stages.evaluate.multiclass.task import Multiclass
from stages.evaluate.params import Evaluate
from stages.evaluate.permutation_importance import COLUMNS, measure_importance
from stages.evaluate.random_split import score_random_split
from stages.evaluate.regression.task import Regression, count_groups
from stages.evaluate.scored_rows import ScoredRows, Table, cross_validate, score_rows
from stages.evaluate.task import PLOT_COLUMNS, Task
from stages.evaluate.worst_group import find_worst_group
from stages.model import memo
from stages.model.fitting import encode_labels, predict
from stages.model.predictions import name_actual
from stages.table.schema import Schema
from stages.transform.definition import Definition
from stages.transform.row_key import name_rows

NO_CHAMPION = InUse(None)
T = TypeVar("T")
PARTS: tuple[Part, ...] = get_args(Part)


class Evaluated(NamedTuple):
    """What metrics/evaluation.json says, the table of each plot, the hold-out rows with their predictions, and all rows
    with those of cross-validation (none without folds).
    """

    evaluation: AnyEvaluation
    plots: dict[str, pd.DataFrame]
    predictions: pd.DataFrame
    out_of_fold: pd.DataFrame


def evaluate_model(
    model: Pipeline,
    version: str,
    clean: pd.DataFrame,
    features: pd.DataFrame,
    columns: Schema,
    definition: Definition,
    trained: TrainMetrics,
    section: Evaluate,
    in_use: InUse = NO_CHAMPION,
    key: str | None = None,
) -> Evaluated:
    """Return the candidate's scores with intervals, its plots and its predictions; all numbers rounded.

    clean, features: the tables of the stages, row by row the same. trained: what train said of the candidate. in_use:
    the champion, as it is kept. key: the name under which what does not depend on it is kept from run to run, None for
    nowhere. Raises DataError for rows that cannot be scored, ParamsError for a section that does
    not go with them.
    """
    table = _join_tables(clean, features, columns, definition, section.block)
    task = _choose_task(section, columns, table, trained)

    def predict_rows(fitted: Any, frame: pd.DataFrame) -> Floats:
        predictions = predict(fitted, frame, columns.task, len(columns.target.classes))
        return task.shape_predictions(predictions, trained.interval)

    def score(positions: npt.NDArray[np.int64], models: dict[str, Floats]) -> ScoredRows:
        return score_rows(table, positions, task, model, models, section, predict_rows)

    positions = table.positions("test")
    candidate = predict_rows(model, table.frame.iloc[positions])
    champion, state = predict_champion(table, columns, task, version, in_use, section.min_slice)
    if champion is None:
        hold_out, shared = score(positions, {"candidate": candidate}), None
    elif len(champion.positions) == len(positions):
        hold_out = shared = score(positions, {"candidate": candidate, "champion": champion.predictions})
    else:
        hold_out = score(positions, {"candidate": candidate})
        there = candidate[np.isin(positions, champion.positions)]
        shared = score(champion.positions, {"candidate": there, "champion": champion.predictions})
    scored = cross_validate(table, task, model, section, predict_rows) if section.folds else hold_out
    _check_blocks(section, scored.blocks[1].shape[1])
    each, differences, alone, beside = compare_models(task, scored, hold_out, shared, section.tails)
    if shared is not None and shared is not scored:
        state = msgspec.structs.replace(state, rows=len(shared.rows), candidate=intervals.take_values(beside))
    results = judge_gates(section.gates, columns.task, each, differences)
    evaluation = task.describe_evaluation(
        {name: table.y_true[table.positions(name)] for name in PARTS},
        scored.y_true,
        scored.models["candidate"],
        primary=task.primary,
        version=version,
        estimate=_describe_estimate(section, scored, hold_out, alone),
        rows={name: len(table.positions(name)) for name in PARTS},
        block=section.block or "row",
        blocks=int(scored.blocks[1].shape[1]),
        confidence=section.confidence,
        slice_confidence=section.slice_confidence,
        candidate=intervals.take_values(each["candidate"]),
        interval={name: Bounds(found["low"], found["high"]) for name, found in each["candidate"].items()},
        baseline=intervals.take_values(each["baseline"]),
        baseline_keys=section.baseline,
        baseline_tenths=list_tenths(_judged(table, section), section.baseline),
        champion=intervals.take_values(each.get("champion", {})),
        champion_state=state,
        random_split=_recall(
            "random-split",
            key,
            RandomSplit | None,
            lambda: score_random_split(table, task, hold_out, section.random_split_rows, section.seed),
        ),
        worst_group=_find_worst_group(section, columns, task, scored),
        gates=results,
        passed=gates.all_pass(results),
    )
    plots = {
        **{name: pd.DataFrame(columns=names) for name, names in PLOT_COLUMNS.items()},
        "scores": intervals.tabulate("model", each),
        "differences": intervals.tabulate("against", differences),
        **_tabulate_plots(section, columns, task, table, scored, key),
    }
    written = features[columns.target.name].to_numpy()
    names = _name_rows(table, columns, None if section.folds else positions)
    predictions = {
        "row": positions,
        "key": names[positions],
        name_actual(columns.target.name): written[positions],
        **task.tabulate_predictions(hold_out.models),
    }
    return Evaluated(
        msgspec.convert(round_floats(msgspec.to_builtins(evaluation), task.digits), AnyEvaluation),
        {name: pd.DataFrame(round_floats(lines, task.digits)) for name, lines in plots.items()},
        pd.DataFrame(predictions),
        _tabulate_folds(task, scored, names, name_actual(columns.target.name), written),
    )


def _judged(table: Table, section: Evaluate) -> pd.DataFrame:
    """Return the rows that the baseline learns from and is scored on."""
    return table.clean if section.folds else table.clean[np.isin(table.part, ["train", "test"])]


def _name_rows(table: Table, columns: Schema, needed: npt.NDArray[np.int64] | None) -> npt.NDArray[Any]:
    """Return each row's key (rows,): of those needed, or where that depends on others of all rows."""
    inputs = [column.name for column in columns.inputs]
    if needed is None or not columns.key:
        return name_rows(table.clean, columns.key, inputs)
    names = np.full(len(table.clean), "", dtype=object)
    names[needed] = name_rows(table.clean.iloc[needed], columns.key, inputs)
    return names


def _tabulate_folds(
    task: Task, scored: ScoredRows, names: npt.NDArray[Any], name: str, written: npt.NDArray[Any]
) -> pd.DataFrame:
    """Return every prediction of cross-validation: row, its key, repeat, fold, what came, and what was predicted."""
    if scored.folds is None:
        return pd.DataFrame(columns=["row", "key", "repeat", "fold"])
    rows = len(written)
    said = task.tabulate_predictions(scored.models)
    return pd.DataFrame(
        {
            "row": np.tile(np.arange(rows), scored.repeats),
            "key": np.tile(names, scored.repeats),
            "repeat": np.repeat(np.arange(scored.repeats) + 1, rows),
            "fold": scored.folds + 1,
            name: np.tile(written, scored.repeats),
            **{column: values for column, values in said.items() if column != "champion"},
        }
    )


def _join_tables(
    clean: pd.DataFrame, features: pd.DataFrame, columns: Schema, definition: Definition, block: str
) -> Table:
    if len(clean) != len(features):
        raise DataError(
            f"data/clean.csv has {len(clean):,} rows, data/features.csv {len(features):,}. Run `dvc repro features`."
        )
    return Table(
        clean,
        features[list(definition.types)],
        encode_labels(features[columns.target.name], columns.task, columns.target),
        features[definition.split].to_numpy(dtype=object),
        clean[block].astype(str).to_numpy() if block else None,
    )


def _choose_task(section: Evaluate, columns: Schema, table: Table, trained: TrainMetrics) -> Task:
    if columns.task == "binary":
        return Binary(columns.target, section.costs)
    if columns.task == "multiclass":
        return Multiclass(columns.target, int(np.bincount(table.y_true[table.positions("train")]).argmax()))
    scored = len(table.y_true) if section.folds else len(table.positions("test"))
    groups = count_groups(scored)
    return Regression(table.y_true, trained.interval, groups, section.tolerance, section.unit_costs)


def _tabulate_plots(
    section: Evaluate, columns: Schema, task: Task, table: Table, scored: ScoredRows, key: str | None
) -> dict[str, list[dict[str, Any]] | pd.DataFrame]:
    """Return the tables of all plots that are made of the scored rows."""
    rows, y_true, models, blocks, repeats = scored.rows, scored.y_true, scored.models, scored.blocks, scored.repeats
    classes = task.slice_classes(y_true[: len(rows)])
    found = slices.list_slices(rows, section.slices, section.min_slice, classes)
    wider = widen(scored.folds)
    table_of_slices = slices.score_slices(found, task, y_true, models, blocks, section.slice_tails, repeats, wider)
    measure = task.measure_rows(y_true, models["candidate"])
    how = section.min_slice, section.slice_tails, repeats, wider
    affected = sensitive.compare_groups(rows, section.sensitive, measure, blocks, *how)
    shuffled = (section.importance_rows, section.importance_repeats, section.seed)
    drops = _recall(
        "importance", key, list[dict[str, Any]], lambda: measure_importance(scored.fits, task.scoring, *shuffled)
    )
    plots: dict[str, list[dict[str, Any]] | pd.DataFrame] = {
        **task.tabulate_plots(y_true, models, blocks, section),
        "slices": table_of_slices or pd.DataFrame(columns=slices.name_columns(task, models)),
        "sensitive": affected or pd.DataFrame(columns=sensitive.TABLE),
        "importance": drops or pd.DataFrame(columns=COLUMNS),
        **inputs.tabulate_inputs(task, table, scored, [row["column"] for row in drops], section.seed),
    }
    if columns.types.get(section.block) in ("date", "time"):
        plots["weekly"] = slices.score_weeks(rows[section.block], task, y_true, models, blocks, section.tails, repeats)
        plots["outcome"] = slices.count_months(table.clean[section.block], table.part, task.observe(table.y_true))
    return plots


def _recall(name: str, key: str | None, kind: Any, make: Callable[[], T]) -> T:
    return make() if key is None else memo.recall(name, key, kind, make)


def _find_worst_group(section: Evaluate, columns: Schema, task: Task, scored: ScoredRows) -> WorstGroup | None:
    """Return the group predicted furthest off by any one or two inputs, those looked at one by one before others."""
    rows, candidate = len(scored.rows), scored.models["candidate"]
    off = (task.expect(candidate) - task.observe(scored.y_true)).reshape(scored.repeats, rows).mean(axis=0)
    given = [column.name for column in columns.inputs if column.type not in ("date", "time", "text")]
    names = list(dict.fromkeys([*section.slices, *given]))
    blocks = scored.blocks[0][:rows], scored.blocks[1]
    return find_worst_group(
        scored.rows,
        names,
        off,
        blocks,
        smallest=section.min_slice,
        tails=section.slice_tails,
        seed=section.seed,
        wider=widen(scored.folds),
    )


def _describe_estimate(section: Evaluate, scored: ScoredRows, hold_out: ScoredRows, alone: Measured) -> Estimate:
    """Return where the scores come from; of cross-validation also what the hold-out alone says of the candidate."""
    if scored is hold_out:
        return Estimate("hold-out")
    there = HoldOut(len(hold_out.rows), intervals.take_values(alone))
    return Estimate("cross-validation", section.folds, section.repeats, len(scored.rows), there)


def _check_blocks(section: Evaluate, blocks: int) -> None:
    """Raise DataError where there are too few blocks to resample."""
    if blocks < FEWEST_BLOCKS:
        raise DataError(
            f"the {'table' if section.folds else 'hold-out'} has only {blocks} values of {section.block or 'row'}, too "
            "few to resample: an interval would claim a certainty that is not there. Choose another evaluate.block or "
            "a longer hold-out."
        )
