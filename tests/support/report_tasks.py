"""Made-up but lifelike files of a report on several classes or on a number, on the ground of `report_case`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist
from typing import Any

import report_case
from report_case import table

from stages.core.files import read_json, write_json
from stages.evaluate.gates import Gate

NORMAL = NormalDist()
ROWS = {"train": 12600, "validation": 3400, "test": 4000}
CLASSES = ("detached", "semi-detached", "terraced", "flat", "bungalow")
INPUTS = {
    "floor_area": 92.5, "rooms": 4, "district": "North", "built": 1974, "garden": True, "energy_class": "D",
    "plot_area": None, "floor": 2, "distance": 5.25,
}  # fmt: skip
DECAY = (1.0, 0.55, 0.31, 0.12, 0.08, 0.05, 0.02, 0.004, -0.001)


def multiclass(
    root: Path,
    classes: Sequence[str] = CLASSES,
    champion: str = "none",
    right: float = 0.72,
    gates: dict[str, str] | None = None,
    **options: Any,
) -> None:
    """Write the files of a report on these classes, of which the first are the more frequent."""
    _common(root, list(classes), champion, options)
    rows, size = _scored(options), len(classes)
    weights = [1 / (place + 1) for place in range(size)]
    share = {name: weight / sum(weights) for name, weight in zip(classes, weights, strict=True)}
    plots = root / "metrics/plots"
    hits = {name: max(0.05, right - 0.5 * (1 - right) * place / size) for place, name in enumerate(classes)}
    cells, found = [], []
    for place, name in enumerate(classes):
        of_class = round(rows["test"] * share[name])
        others = [other for other in classes if other != name]
        falls = [2.0 ** -abs(classes.index(other) - place) for other in others]
        split = {other: (1 - hits[name]) * fall / sum(falls) for other, fall in zip(others, falls, strict=True)}
        cells += [
            (name, other, round(of_class * part), part if of_class else None)
            for other, part in {**split, name: hits[name]}.items()
        ]
        auc = 0.99 - 0.2 * (1 - hits[name]) if of_class else None
        half = 0.3 / math.sqrt(max(1, of_class))
        ends = (None, None) if auc is None else (auc - half, min(1.0, auc + half))
        found.append((name, of_class, share[name], hits[name], hits[name], hits[name], auc, *ends))
    table(plots / "confusion.csv", "actual,predicted,rows,share", cells)
    table(plots / "classes.csv", "class,rows,share,precision,recall,f1,auc,low,high", found)
    bars = [(0.05 * step, 0.05 * step + 0.05, 30 * step) for step in range(20)]
    table(plots / "histogram.csv", "low,high,rows", bars)
    models = [model for model in ("candidate", "champion", "baseline") if champion == "compared" or model != "champion"]
    surest = [
        (model, 1 - 0.008 * step, step / 100, min(1.0, right + 0.25 - 0.1 * place - 0.0025 * step))
        for place, model in enumerate(models)
        for step in range(1, 101)
    ]
    table(plots / "abstain.csv", "model,confidence,answered,accuracy", surest)
    steps = [0.15 + 0.08 * step for step in range(1, 11)]
    table(
        plots / "calibration.csv",
        "group,predicted,observed,low,high,rows",
        [(step, at, at - 0.02, at - 0.06, at + 0.03, rows["test"] // 10) for step, at in enumerate(steps, 1)],
    )
    accuracy = sum(hits[name] * share[name] for name in classes)
    values = {
        "candidate": _several(accuracy), "champion": _several(accuracy - 0.06), "baseline": _several(max(weights) / 3),
    }  # fmt: skip
    half = {key: 0.6 / math.sqrt(rows["test"]) for key in values["candidate"]}
    _scores(root, "multiclass", "accuracy", values, half, champion, options, gates)
    evaluation = read_json(root / "metrics/evaluation.json")
    evaluation["most_frequent"] = classes[0]
    evaluation["share"] = {
        split: {name: max(0.0, part + shift) for name, part in share.items()}
        for split, shift in (("train", 0.0), ("validation", 0.0), ("test", 0.001))
    }
    write_json(root / "metrics/evaluation.json", evaluation)
    if options.get("slices", True):
        _slices(plots, "accuracy", accuracy, half["accuracy"], 0.47, 0.03)
    _importance(plots, 0.2, options)
    _inputs(plots, options, max(share.values()))
    if options.get("dated"):
        _outcome(plots, max(share.values()), 0.03)
        _weekly(plots, "accuracy", accuracy, max(share.values()))
    _served(root, _answers(classes), options)


def regression(
    root: Path,
    size: float = 250_000.0,
    error: float | None = None,
    champion: str = "none",
    negative: bool = False,
    gates: dict[str, str] | None = None,
    **options: Any,
) -> None:
    """Write the files of a report on a number of about this size, predicted with about this error."""
    _common(root, [], champion, options)
    error = size * 0.12 if error is None else error
    rows, plots = _scored(options), root / "metrics/plots"
    known, tolerance = options.get("interval", True), options.get("tolerance")
    shift = size if negative else 0.0
    grid = [size * (0.2 + 0.07 * step) - shift for step in range(24)]
    bins = []
    for x in grid:
        for y in grid:
            near = math.exp(-(((x - y) / (error or size / 99)) ** 2) / 2 - ((x + shift - size) / (0.5 * size)) ** 2)
            if round(400 * near):
                bins.append((x, y, round(400 * near)))
    table(plots / "actual_predicted.csv", "predicted,actual,rows", bins)
    groups = []
    for step in range(1, 11):
        wide, at = error * (0.6 + 0.12 * step), size * (0.4 + 0.12 * step) - shift
        groups.append((step, at, at * 1.01, -1.5 * wide, -0.05 * wide, 1.3 * wide, wide, rows["test"] // 10))
    table(plots / "errors.csv", "group,predicted,actual,p10,p50,p90,mae,rows", groups)
    models = [(model, by) for model, by in (("candidate", 1.0), ("champion", 1.15), ("baseline", 2.1))
              if (champion == "compared" and not options.get("crossed")) or model != "champion"]  # fmt: skip
    bounds = [(model, step * error / 15, 1 - math.exp(-step / 15 / by) if error else 1.0)
              for model, by in models for step in range(61)]  # fmt: skip
    table(plots / "tolerance.csv", "model,tolerance,share", bounds)
    costs = options.get("costs")
    _correction(plots, models, error, costs)
    sides = [(model, side, share, error * by * share) for model, by in models
             for side, share in (("high", 0.55), ("low", 0.45))]  # fmt: skip
    table(plots / "sides.csv", "model,side,share,mean", sides)
    reach = [(share, -math.log(1 - share)) for share in (0.5, 0.8, 0.9, 0.95)]
    levels = [(share, error * far, model, 1 - math.exp(-far / by) if error else 1.0)
              for share, far in reach for model, by in models]  # fmt: skip
    table(plots / "levels.csv", "share,error,model,within", levels)
    half = 0.6 / math.sqrt(rows["test"])
    table(
        plots / "calibration.csv",
        "group,predicted,observed,low,high,rows",
        [
            (group, size * (0.4 + 0.12 * group) - shift, held, held - 3 * half, held + 3 * half, rows["test"] / 10)
            for group in range(1, 11) for held in [0.83 - 0.005 * group] if known
        ],
    )  # fmt: skip
    values = {
        "candidate": _number(error, 0.83), "champion": _number(error * 1.15, 0.78),
        "baseline": {key: value for key, value in _number(error * 2.1, -0.02).items() if "coverage" not in key},
    }  # fmt: skip
    if not known:
        values = {name: {key: at for key, at in of.items() if "coverage" not in key} for name, of in values.items()}
    if tolerance is not None:
        values = {name: {**of, "within": 0.7} for name, of in values.items()}
    for of in values.values():
        of |= {"cost": of["mae"] * sum(costs.values()) / 2 * 1.09} if costs else {}
    halves = {
        key: half if key in ("r2", "coverage", "worst_coverage", "within") else error * half * 1.5
        for key in values["candidate"]
    }
    _scores(root, "regression", "mae", values, halves, champion, options, gates)
    evaluation = read_json(root / "metrics/evaluation.json")
    parts = {"train": 1.0, "validation": 1.02, "test": 1.05}
    evaluation["target"] = {
        split: {key: at * by * size - shift for key, at in (("mean", 1.0), ("median", 0.93), ("low", 0.5),
                                                            ("high", 1.6))}
        for split, by in parts.items()
    }  # fmt: skip
    evaluation |= {
        "interval_share": 0.8 if known else None,
        "relative": {"median": 0.093, "within": 0.55, "tolerance": 0.1} if not shift else None,
        "tolerance": tolerance,
        "unit_costs": costs,
    }
    write_json(root / "metrics/evaluation.json", evaluation)
    if options.get("slices", True):
        _slices(plots, "mae", error, error * half * 3, size - shift, error * 0.1)
    _importance(plots, 1.3, options)
    _inputs(plots, options, size - shift)
    if options.get("dated"):
        _outcome(plots, size - shift, size * 0.04)
        _weekly(plots, "mae", error, size - shift)
    answers = [("close", size, size * 1.01), ("far", size * 1.4, size * 0.9), ("close", size * 0.8, size * 0.79),
               ("far", size * 0.7, size * 1.3), ("close", size * 1.1, size * 1.12)]  # fmt: skip
    _served(
        root,
        [
            {"kind": kind, "actual": actual - shift, "prediction": predicted - shift,
             **({"interval": [predicted - shift - 1.3 * error, predicted - shift + 1.3 * error]} if known else {})}
            for kind, predicted, actual in answers
        ],
        options,
    )  # fmt: skip


def _correction(plots: Path, models: list[tuple[str, float]], error: float, costs: dict[str, float] | None) -> None:
    """What errors cost by what is added to every prediction: least where two thirds of an error are."""
    if costs:
        half = error * sum(costs.values()) / 2
        moved = [(model, step * error / 10, half * by * (1 + ((step - 6) / 20) ** 2))
                 for model, by in models for step in range(-30, 31)]  # fmt: skip
        table(plots / "correction.csv", "model,correction,cost", moved)


def _scored(options: dict[str, Any]) -> dict[str, int]:
    """Rows by part; of cross-validation every row counts once in each of ten repeats."""
    rows: dict[str, int] = options.get("rows") or ROWS
    return {**rows, "test": 10 * sum(rows.values())} if options.get("crossed") else rows


def _common(root: Path, classes: list[str], champion: str, options: dict[str, Any]) -> None:
    """The files that are alike for every task, with the houses' names in them."""
    report_case.write(
        root, champion=champion, rows=options.get("rows") or ROWS, bare=True, slices=0, reasons=options.get("reasons")
    )
    for name in ("roc", "precision_recall", "cost", "outcomes", "band", "histogram", "weekly"):
        (root / f"metrics/plots/{name}.csv").unlink(missing_ok=True)
    target = options.get("target", "kind" if classes else "price")
    inputs = options.get("inputs") or list(INPUTS)
    write_json(
        root / "data/schema.json",
        {
            "table": "houses", "task": "multiclass" if classes else "regression", "key": [],
            "target": {"name": target, "type": "category" if classes else "number", "classes": classes,
                       "positive": None, "definition": "", "reason": ""},
            "columns": [{"name": name, "type": "number", "role": "input", "nullable": True, "from": "houses",
                         "reason": ""} for name in inputs]
            + [{"name": "house", "type": "integer", "role": "id", "nullable": False, "from": "houses", "reason": ""}],
            "left_out": [{"name": name, "reason": "the same value in every row"} for name in ("country", "currency")]
            + [{"name": "sold_for", "reason": "tells the target almost alone"}],
        },
    )  # fmt: skip
    file = {**report_case.raw_file("houses.csv", "houses", 20000, []), "sha256": "c0ffee" * 10 + "abcd"}
    write_json(root / "data/raw/manifest.json", {"files": [file]})
    clean = read_json(root / "metrics/clean.json")
    missing = {"plot_area": 0.21, "energy_class": 0.034} if not options.get("complete") else {}
    write_json(
        root / "metrics/clean.json", {**clean, "joins": {}, "missing": missing, "drift": options.get("drift", [])}
    )
    if options.get("leaks"):
        train = read_json(root / "metrics/train.json")
        write_json(root / "metrics/train.json", {**train, "suspected_leaks": options["leaks"]})


def _several(accuracy: float) -> dict[str, float]:
    return {
        "accuracy": accuracy, "top2_accuracy": (1 + accuracy) / 2, "balanced_accuracy": accuracy - 0.04,
        "macro_f1": accuracy - 0.03, "log_loss": 1.6 * (1 - accuracy), "auc": 0.5 + accuracy / 2,
    }  # fmt: skip


def _number(error: float, explained: float) -> dict[str, float]:
    return {"mae": error, "median_ae": error * 0.7, "rmse": error * 1.6, "r2": explained, "bias": error * -0.02,
            "coverage": 0.802, "worst_coverage": 0.78}  # fmt: skip


def _scores(
    root: Path,
    task: str,
    primary: str,
    values: dict[str, dict[str, float]],
    half: dict[str, float],
    champion: str,
    options: dict[str, Any],
    results: dict[str, str] | None,
) -> None:
    models = [name for name in values if champion == "compared" or name != "champion"]
    table(
        root / "metrics/plots/scores.csv",
        "model,metric,value,low,high",
        [
            (name, key, value, value - half[key], value + half[key])
            for name in models
            for key, value in values[name].items()
        ],
    )
    table(
        root / "metrics/plots/differences.csv",
        "against,metric,value,low,high",
        [
            (name, key, less := values["candidate"][key] - value, less - half[key] / 2, less + half[key] / 2)
            for name, other in [*((name, name) for name in models[1:]), ("constant", "baseline")]
            for key, value in values[other].items()
        ],
    )
    evaluation = read_json(root / "metrics/evaluation.json")
    for key in ("rate", "confusion", "threshold", "costs"):
        evaluation.pop(key)
    evaluation |= {"random_split": None, "baseline_keys": []}
    up = primary == "accuracy"
    value, wide = values["candidate"][primary], half[primary]
    must = Gate(level="must", metric=primary, **({"low_above": 0.5} if up else {"high_below": 4 * value or 1.0}))
    gate = report_case.judged(must, value, wide, task)
    evaluation["gates"] = {"floor": gate, "beats_baseline": {**gate, "level": "should"}}
    for name, result in (results or {}).items():
        evaluation["gates"][name]["result"] = result
    evaluation["passed"] = evaluation["gates"]["floor"]["result"] == "met"
    evaluation |= {
        "task": task,
        "primary": primary,
        "block": options.get("block", "row"),
        "blocks": 60,
        "candidate": values["candidate"],
        "baseline": values["baseline"],
        "interval": {key: {"low": at - half[key], "high": at + half[key]} for key, at in values["candidate"].items()},
    }
    if champion == "compared":
        evaluation["champion"] = values["champion"]
    if options.get("crossed"):
        rows = sum(evaluation["rows"].values())
        alone = {key: value * 1.02 for key, value in values["candidate"].items()}
        evaluation["estimate"] = {
            "by": "cross-validation", "folds": 5, "repeats": 10, "rows": rows,
            "hold_out": {"rows": evaluation["rows"]["test"], "candidate": alone},
        }  # fmt: skip
        if champion == "compared":
            evaluation["champion_state"] |= evaluation["estimate"]["hold_out"]
    write_json(root / "metrics/evaluation.json", evaluation)


def _inputs(plots: Path, options: dict[str, Any], level: float) -> None:
    given = options.get("inputs") or INPUTS
    texts = [name for name, value in given.items() if isinstance(value, str)]
    report_case.inputs(plots, list(given), texts, ["North", "South", "East", "West"], level)


def _weekly(plots: Path, key: str, value: float, level: float) -> None:
    rows = [
        (f"2024-10-{7 * week + 1:02d}", 300, level, level * (1 + 0.02 * week), gap := 0.02 * week * level, gap * 0.5,
         gap * 1.5, value * (1 + 0.01 * week), value)
        for week in range(4)
    ]  # fmt: skip
    table(plots / "weekly.csv", f"week,rows,observed,predicted,gap,gap_low,gap_high,{key},baseline_{key}", rows)


def _slices(plots: Path, key: str, value: float, half: float, level: float, gap: float) -> None:
    groups = [("district", name) for name in ("North", "South", "East")] + [("rooms", str(n)) for n in range(1, 7)]
    sign = -1 if key == "accuracy" else 1
    rows = [
        (column, name, 400 + 30 * place, at := value * (1 + sign * 0.03 * place), at - half, at + half, level,
         level + (off := gap * (place - 4) / 4), off, off - abs(gap) * 0.4, off + abs(gap) * 0.4, at * 0.9)
        for place, (column, name) in enumerate(groups)
    ]  # fmt: skip
    kind = "mean" if key == "mae" else "rate"
    head = f"column,value,rows,{key},low,high,{kind},predicted,gap,gap_low,gap_high,baseline_{key}"
    table(plots / "slices.csv", head, rows)


def _importance(plots: Path, most: float, options: dict[str, Any]) -> None:
    names = list(options.get("inputs") or INPUTS)
    drops = [most * DECAY[min(place, len(DECAY) - 1)] for place in range(len(names))]
    rows = [(name, drop, drop - most * 0.01, drop + most * 0.01) for name, drop in zip(names, drops, strict=True)]
    table(plots / "importance.csv", "column,value,low,high", rows)


def _outcome(plots: Path, level: float, step: float) -> None:
    parts = ["train"] * 7 + ["validation"] * 2 + ["test"] * 3
    rows = [(f"2024-{month:02d}", part, 1500, level + step * (month % 5)) for month, part in enumerate(parts, 1)]
    table(plots / "outcome.csv", "period,split,rows,rate", rows)


def _answers(classes: Sequence[str]) -> list[dict[str, Any]]:
    rest = 0.3 / max(1, len(classes) - 1)
    found = []
    for kind, actual, guess in (("right", 0, 0), ("wrong", 1, 0), ("right", 1, 1), ("wrong", 0, 1), ("right", 0, 0)):
        likely = {name: 0.7 if place == guess else rest for place, name in enumerate(classes)}
        found.append({"kind": kind, "actual": classes[actual], "prediction": classes[guess], "probabilities": likely})
    return found


def _served(root: Path, answers: list[dict[str, Any]], options: dict[str, Any]) -> None:
    given = options.get("inputs") or INPUTS
    size = max((abs(answer["prediction"]) / 9 for answer in answers if "probabilities" not in answer), default=0.3)
    steps = [(name, size / (1 - 2.7 * place)) for place, name in enumerate([*given][:3])]
    rows = []
    for place, answer in enumerate(answers):
        label = answer["prediction"] if "probabilities" in answer else None
        value, usual = (answer["probabilities"][label], 0.3) if label is not None else (answer["prediction"], 9 * size)
        why = report_case.explanation(value, usual, dict(steps[place // 4 :]), label)
        rows.append({"row": place, "inputs": given, "warnings": [], "explanation": why, **answer})
    write_json(root / "reports/predictions.json", {"model": {"version": "0123456789ab"}, "rows": rows})
    manifest, schema = (read_json(root / path) for path in ("model/manifest.json", "data/schema.json"))
    manifest |= {"task": schema["task"], "target": schema["target"], "threshold": None}
    manifest["inputs"] = [_input(name, value) for name, value in given.items()]
    manifest["features"] = {
        "derive": [],
        "columns": [
            {"name": name, "type": "category", "codes": {value: 0, "other": 1}}
            if isinstance(value, str)
            else {"name": name, "type": "number"}
            for name, value in given.items()
        ],
    }
    write_json(root / "model/manifest.json", manifest)


def _input(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, str | bool):
        return {"name": name, "type": "category" if isinstance(value, str) else "boolean", "nullable": False}
    return {"name": name, "type": "number", "nullable": True, "low": 0.25, "high": 1234.5}


PARAMS: dict[str, Any] = {
    "title": "Houses",
    "unit": {"one": "house", "many": "houses"},
    "columns": {
        "price": {"label": "Price", "unit": "€"},
        "floor_area": {"label": "Floor area", "unit": "m²"},
        "built": {"clock": False},
    },
}
"""The section `report` with the few words an owner may have given."""
