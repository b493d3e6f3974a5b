"""The review: a verdict, the ten lines that decide, and what folds out of them; no files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from stages.contracts.evaluation import BinaryEvaluation, GateResult
from stages.evaluate.gates import Gate
from stages.review import changes
from stages.review.changes import Change
from stages.review.facts import Facts
from stages.review.judgement import (
    choose_form,
    describe_size,
    find_sizes,
    judge,
    write_difference,
    write_value,
)
from stages.review.paired import Paired
from stages.wording.metrics import METRICS, Metric
from stages.wording.numbers import count, listed, percent, plain, plural
from stages.wording.vocabulary import sentence

SHOWN = 3
"""Names told in a line: all of them fold out."""
DRIFTED = 0.1
"""Index of a column that has moved (stages/model/psi.py)."""


class Line(NamedTuple):
    """What is told in a line, after its name."""

    about: str
    text: str


@dataclass(frozen=True)
class Fold:
    """A table that folds out."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True)
class Review:
    """All that is shown: `base` is the revision compared with."""

    base: str
    verdict: str
    lines: list[Line]
    folds: list[Fold]


@dataclass(frozen=True)
class Costs:
    """What the model takes: bytes of its ONNX form, and seconds for a row, measured for both in this run."""

    size: tuple[int, int] | None = None
    seconds: tuple[float, float] | None = None


@dataclass(frozen=True)
class Evidence:
    """All that a review is made of. `paired` is the comparison on the same rows, or why there is none.

    drift: each column's index (PSI) between both clean tables, where they differ. stale: stages whose outputs are not
    what the project makes, None where nobody can tell. lost: what could not be had.
    """

    base: Facts
    now: Facts
    paired: Paired | str
    gates: dict[str, Gate]
    drift: list[tuple[str, float]] = field(default_factory=list)
    costs: Costs = field(default_factory=Costs)
    stale: list[str] | None = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def review(found: Evidence) -> Review:
    """Return what a reviewer reads."""
    lines = [Line(about, text) for about, text in _tell(found) if text]
    return Review(found.base.name, _judge(found), lines, [fold for fold in _fold(found) if fold.rows])


def _metrics(found: Evidence) -> list[Metric]:
    """The task's metrics, the one that decides first."""
    evaluation = found.now.evaluation
    if evaluation is None:
        return []
    return sorted(METRICS[evaluation.task], key=lambda metric: metric.key != evaluation.primary)


def _judge(found: Evidence) -> str:
    """The verdict in a sentence."""
    if found.now.evaluation is None:
        return "There is nothing to judge: no evaluation is here. Run make repro."
    refused = _list_gates(found, "must", "not met", "undecided")
    return "".join(
        [
            "Out of date, make repro first. " if found.stale else "",
            f"Refused: {listed(refused)} required and not met. " if refused else "",
            _compare(found),
        ]
    )


def _compare(found: Evidence) -> str:
    paired = found.paired
    if isinstance(paired, str):
        return f"Not compared on the same rows: {paired}. Each number stands beside the other, which tells little."
    if paired.alike:
        return f"The same model: it predicts the same of all {count(paired.rows)} rows that both predicted."
    metric = _metrics(found)[0]
    difference = paired.differences[metric.key]
    way = judge(metric, difference)
    form = choose_form(metric, paired.candidate[metric.key]["value"])
    size = describe_size(metric, way, difference, find_sizes(found.gates).get(metric.key))
    values = f"{write_value(metric, paired.base)} → {write_value(metric, paired.candidate)}"
    told = f"{metric.label} {values}, {write_difference(metric, difference, form)}"
    return f"{sentence(way)}: {told} on the same {count(paired.rows)} rows{', ' if size else ''}{size}."


def _tell(found: Evidence) -> list[tuple[str, str]]:
    return [
        ("Out of date", _tell_stale(found)),
        ("Validation", _tell_validation(found)),
        ("Metrics", _tell_metrics(found)),
        ("Groups", _tell_groups(found)),
        ("Gates", _tell_gates(found)),
        ("Data", _tell_data(found)),
        ("Split", _tell_split(found)),
        ("Params", _tell_params(found)),
        ("Code", _tell_code(found)),
        ("Model", _tell_model(found)),
        ("Not found", "; ".join(found.lost)),
    ]


def _tell_stale(found: Evidence) -> str:
    if found.stale is None:
        return "`dvc status` cannot tell whether this is what the project makes."
    return f"{listed(found.stale)}: this compares what is no more." if found.stale else ""


def _tell_validation(found: Evidence) -> str:
    """The scores that a choice may be made by."""
    old, new = found.base.trained, found.now.trained
    if old is None or new is None:
        return ""
    if (old.validation, old.estimator) == (new.validation, new.estimator):
        return "the same."
    shared = [metric for metric in _metrics(found) if metric.key in old.validation and metric.key in new.validation]
    told = [
        f"{metric.name} {plain(old.validation[metric.key])} → {plain(new.validation[metric.key])}"
        for metric in shared
        if old.validation[metric.key] != new.validation[metric.key]
    ]
    if old.estimator != new.estimator:
        told.append(f"estimator {old.estimator} → {new.estimator}")
    return f"{', '.join(told)} (of each its own rows)." if told else "other metrics than before."


def _tell_metrics(found: Evidence) -> str:
    """Which other metrics are clearly better and worse."""
    if isinstance(found.paired, str) or found.paired.alike:
        return ""
    ways = {metric.label: judge(metric, found.paired.differences[metric.key]) for metric in _metrics(found)[1:]
            if metric.key in found.paired.differences}  # fmt: skip
    told = [
        f"{way}: {', '.join(names)}"
        for way in ("better", "worse", "changed", "no clear difference", "the same")
        if (names := [name for name, one in ways.items() if one == way])
    ]
    return f"{'; '.join(told)}."


def _tell_groups(found: Evidence) -> str:
    if isinstance(found.paired, str) or found.paired.alike or found.paired.slices is None:
        return ""
    metric, slices = _metrics(found)[0], found.paired.slices
    worse = [one for one in slices if (one.high < 0) == (metric.better == "more")]
    better = len(slices) - len(worse)
    if not worse:
        more = f"; {plural(better, 'is', 'are')} clearly better" if better else ""
        return f"none is clearly worse{more}."
    names = [f"{one.column} {one.value} ({_write_slice(metric, one.base, one.candidate)})" for one in worse[:SHOWN]]
    more = f" and {len(worse) - SHOWN} more" if len(worse) > SHOWN else ""
    return f"clearly worse: {', '.join(names)}{more}."


def _write_slice(metric: Metric, before: float, now: float) -> str:
    values = [{metric.key: {"value": value}} for value in (before, now)]
    return " → ".join(write_value(metric, one) for one in values)


def _list_gates(found: Evidence, level: str, *results: str) -> list[str]:
    gates = found.now.evaluation.gates if found.now.evaluation else {}
    return [name.replace("_", " ") for name, gate in gates.items() if gate.level == level and gate.result in results]


def _tell_gates(found: Evidence) -> str:
    if found.now.evaluation is None:
        return ""
    moved = [f"{name} {before} → {now}" for name, _, _, before, now in _list_moved_gates(found) if before != now]
    open_ = _list_gates(found, "should", "not met", "undecided")
    state = "all required gates are met" if found.now.evaluation.passed else "a required gate is not met"
    told = [state, *([f"for a person to judge: {listed(open_)}"] if open_ else []), *moved]
    return f"{'; '.join(told)}."


def _list_moved_gates(found: Evidence) -> list[tuple[str, str, str, str, str]]:
    """Every gate of either side: name, level, rule, and its result there and here, with the rule where that differs."""
    before = found.base.evaluation.gates if found.base.evaluation else {}
    now = found.now.evaluation.gates if found.now.evaluation else {}
    rows = []
    for name in dict.fromkeys([*now, *before]):
        gate, old, new = now.get(name, before.get(name)), before.get(name), now.get(name)
        assert gate is not None
        differs = old is not None and new is not None and (old.level, old.rule) != (new.level, new.rule)
        results = [_write_result(one, differs) for one in (old, new)]
        rows.append((name.replace("_", " "), str(gate.level), gate.rule, results[0], results[1]))
    return rows


def _write_result(gate: GateResult | None, with_rule: bool) -> str:
    if gate is None:
        return "none"
    return f"{gate.result} ({gate.level}: {gate.rule})" if with_rule else gate.result


def _tell_data(found: Evidence) -> str:
    base, now = found.base, found.now
    files, rows = changes.compare_sources(base, now), changes.compare_rows(base, now)
    columns = changes.compare_columns(base, now)
    told = [f"{plural(len(files), 'file', 'files')}: {_list_states(files)}"] if files else []
    told += [f"{one.what} {one.before} → {one.now}" for one in rows[:2]]
    if columns:
        told.append(f"columns: {changes.list_names(columns)}")
    if moved := [name for name, index in found.drift if index > DRIFTED]:
        more = f" and {len(moved) - SHOWN} more" if len(moved) > SHOWN else ""
        told.append(f"moved: {', '.join(moved[:SHOWN])}{more}")
    if told:
        return f"{'; '.join(told)}."
    if not (base.clean_md5 and now.clean_md5):
        return ""
    return "the same." if base.clean_md5 == now.clean_md5 else "the same files and columns, with other values."


def _list_states(files: list[Change]) -> str:
    shown = [f"{one.what} {one.now.rpartition('(')[2].rstrip(')')}" for one in files[:SHOWN]]
    return ", ".join(shown) + (f" and {len(files) - SHOWN} more" if len(files) > SHOWN else "")


def _tell_split(found: Evidence) -> str:
    moved = changes.compare_splits(found.base, found.now)
    paired = found.paired
    if isinstance(paired, str):
        return f"{changes.list_names(moved)} changed." if moved else ""
    if paired.rows == paired.base_rows == paired.candidate_rows:
        return f"the same {count(paired.rows)} rows are judged, in {count(paired.blocks)} blocks."
    other = f"; {count(paired.other_actual)} are left out, as their actual values differ" if paired.other_actual else ""
    return (
        f"{count(paired.rows)} rows are judged in both, of {count(paired.base_rows)} there and "
        f"{count(paired.candidate_rows)} here{other}."
    )


def _tell_params(found: Evidence) -> str:
    if found.base.params is None or found.now.params is None:
        return ""
    moved = changes.compare_params(found.base, found.now)
    if len(moved) <= SHOWN:
        return f"{', '.join(f'{one.what} {one.before} → {one.now}' for one in moved) or 'the same'}."
    return f"{plural(len(moved), 'key', 'keys')}: {changes.list_names(moved)}."


def _tell_code(found: Evidence) -> str:
    stages, packages = changes.compare_stages(found.base, found.now), changes.compare_packages(found.base, found.now)
    if not stages:
        return "no stage ran on anything else."
    code = list(dict.fromkeys(path for _, paths in stages for path in paths))
    told = [f"{plural(len(stages), 'stage', 'stages')} ran on something else: {listed([name for name, _ in stages])}"]
    told.append(f"code: {', '.join(code[:SHOWN])}{f' and {len(code) - SHOWN} more' if len(code) > SHOWN else ''}"
                if code else "their code is the same")  # fmt: skip
    if packages:
        told.append(f"packages: {', '.join(f'{one.what} {one.before} → {one.now}' for one in packages[:SHOWN])}")
    return f"{'; '.join(told)}."


def _tell_model(found: Evidence) -> str:
    told = []
    if found.costs.size:
        told.append("{:,} → {:,} bytes".format(*found.costs.size))
    if found.costs.seconds:
        before, now = (f"{seconds * 1e6:,.1f}" for seconds in found.costs.seconds)
        told.append(f"{before} → {now} µs a row in batches, measured now")
    old, new = found.base.evaluation, found.now.evaluation
    if isinstance(old, BinaryEvaluation) and isinstance(new, BinaryEvaluation) and old.threshold != new.threshold:
        told.append(f"threshold {percent(old.threshold, 1)} → {percent(new.threshold, 1)}")
    return f"{'; '.join(told)}." if told else ""


def _fold(found: Evidence) -> list[Fold]:
    base, now = found.base, found.now
    head = ["", base.name, "here"]
    data = [*changes.compare_sources(base, now), *changes.compare_rows(base, now), *changes.compare_columns(base, now)]
    drift = [[name, f"{index:.3f}"] for name, index in found.drift]
    stages = [[name, ", ".join(paths) or "data or params alone"] for name, paths in changes.compare_stages(base, now)]
    return [
        _fold_metrics(found),
        _fold_groups(found),
        _fold_gates(found),
        Fold("Data", head, data),
        Fold("How far columns have moved", ["column", "index (PSI)"], drift),
        Fold("Split", head, changes.compare_splits(base, now)),
        Fold("Params", head, changes.compare_params(base, now)),
        Fold("Stages that ran on something else, and their code", ["stage", "code"], stages),
        Fold("Packages", head, changes.compare_packages(base, now)),
    ]  # fmt: skip


def _fold_metrics(found: Evidence) -> Fold:
    paired = found.paired
    if isinstance(paired, str):
        return _fold_beside(found)
    sizes = find_sizes(found.gates)
    rows = []
    for metric in _metrics(found):
        if metric.key in paired.differences:
            difference = paired.differences[metric.key]
            way = judge(metric, difference)
            form = choose_form(metric, paired.candidate[metric.key]["value"])
            said = describe_size(metric, way, difference, sizes.get(metric.key))
            rows.append(
                [
                    metric.label,
                    write_value(metric, paired.base),
                    write_value(metric, paired.candidate),
                    write_difference(metric, difference, form),
                    f"{way}{', ' if said else ''}{said}",
                ]
            )
    note = f"On the {count(paired.rows)} rows of both; intervals resample {count(paired.blocks)} blocks for both alike."
    return Fold("Metrics", ["", found.base.name, "here", "difference", "reading"], rows, note)


def _fold_beside(found: Evidence) -> Fold:
    """The scores as each evaluation has them: of its own rows."""
    each = [facts.evaluation.candidate if facts.evaluation else {} for facts in (found.base, found.now)]
    rows = [
        [metric.label, *(write_value(metric, {metric.key: {"value": scores.get(metric.key)}}) for scores in each)]
        for metric in _metrics(found)
    ]
    return Fold("Metrics, of each its own rows", ["", found.base.name, "here"], rows)


def _fold_groups(found: Evidence) -> Fold:
    slices = None if isinstance(found.paired, str) else found.paired.slices
    rows = []
    for one in slices or []:
        metric = _metrics(found)[0]
        form = choose_form(metric, one.candidate)
        difference = {"value": one.candidate - one.base, "low": one.low, "high": one.high}
        values = _write_slice(metric, one.base, one.candidate).split(" → ")
        told = write_difference(metric, difference, form)
        rows.append([f"{one.column} {one.value}", count(one.rows), *values, told, judge(metric, difference)])
    return Fold("Groups that differ clearly", ["group", "rows", found.base.name, "here", "difference", "reading"], rows)


def _fold_gates(found: Evidence) -> Fold:
    return Fold("Gates", ["gate", "level", "rule", found.base.name, "here"], _list_moved_gates(found))
