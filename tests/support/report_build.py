"""Reports of made-up results: the PDF of each stress case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import report_case
import report_tasks

from stages.core.files import write_json
from stages.core.params import convert
from stages.report.findings.inputs import Inputs, read
from stages.report.findings.report import report
from stages.report.pages import document
from stages.wording.params import Report

NASTY = ("<b>&$_", "x" * 80, "Москва", "東京 ✈", "a<br/>b", "\x07bell")


def build(
    root: Path, params: dict[str, Any] | None = None, rejected: bool = False, task: str = "binary", **options: Any
) -> Path:
    if task == "binary":
        report_case.write(root, manifest=not rejected, **options)
        words = report_case.PARAMS
    else:
        {"multiclass": report_tasks.multiclass, "regression": report_tasks.regression}[task](root, **options)
        words = report_tasks.PARAMS
    inputs = read(convert(words if params is None else params, Report, "report"), root, rejected)
    return written(root, inputs)


def written(root: Path, inputs: Inputs) -> Path:
    facts = report(inputs)
    write_json(root / "reports/report.json", msgspec.to_builtins(facts))
    target = root / "reports/report.pdf"
    document.write(target, facts, inputs.plots)
    return target


SMALL = {"train": 120, "validation": 30, "test": 30}
CASES: dict[str, dict[str, Any]] = {
    "usual": {"champion": "compared", "gates": {"calibrated": "undecided"}},
    "first model, no words of one's own": {"params": {}},
    "hostile names": {
        "params": {**report_case.PARAMS, "title": "<i>&", "unit": {"one": "<b>", "many": "<b>&$"}},
        "names": NASTY,
        "slices": 6,
        "reasons": dict.fromkeys(NASTY, 4000),
    },
    "refused": {
        "rejected": True,
        "champion": "incomparable",
        "gates": dict.fromkeys(("beats_baseline", "ranking_floor", "cheaper_than_baseline", "calibrated"), "not met"),
    },
    "small": {
        "champion": "same",
        "rows": {"train": 600, "validation": 200, "test": 200},
        "slices": 0,
        "reasons": {},
        "importance": 0.0,
        "bare": True,
    },
    "long texts": {
        "champion": "compared",
        "slices": 40,
        "gates": {"calibrated": "not met", "cheaper_than_baseline": "undecided"},
        "reasons": {f"reason number {number} " * 3: 2000 - number for number in range(12)},
        "params": {
            **report_case.PARAMS,
            "source": "A source with a long name. " * 9,
            "personal_data": "Names and addresses of people. " * 9,
            "limits": [dict.fromkeys(("limit", "means", "action"), "Said at great length. " * 9)] * 9,
        },
    },
    "several classes": {"task": "multiclass", "champion": "compared", "dated": True, "block": "date"},
    "several classes of a small table": {
        "task": "multiclass",
        "classes": ("setosa", "versicolor", "virginica"),
        "rows": SMALL,
        "crossed": True,
        "complete": True,
        "reasons": {},
        "params": {},
    },
    "forty classes": {
        "task": "multiclass",
        "classes": [f"a class with quite a long name {number}" for number in range(40)],
        "champion": "compared",
        "gates": {"beats_baseline": "undecided"},
    },
    "two classes with hostile names": {"task": "multiclass", "classes": ["<b>&$_", "x" * 80], "target": "東京" * 40},
    "classes in other alphabets": {"task": "multiclass", "classes": [*NASTY, "nan", "None"], "params": {}},
    "a number": {"task": "regression", "champion": "compared", "dated": True, "block": "date"},
    "a number of a small table": {
        "task": "regression",
        "size": 12.0,
        "rows": SMALL,
        "champion": "compared",
        "crossed": True,
        "drift": [f"file-{number}.csv: column 'price' has values about 100 times as large" for number in range(9)],
        "leaks": {"floor_area": 0.9995},
        "params": {},
    },
    "tiny numbers": {"task": "regression", "size": 3e-5, "params": {}, "reasons": {}},
    "huge numbers": {"task": "regression", "size": 3.2e11, "params": {}, "target": "x" * 80},
    "numbers around 0": {"task": "regression", "size": 1.0, "negative": True, "dated": True, "params": {}},
    "numbers predicted exactly": {"task": "regression", "size": 5.0, "error": 0.0},
    "numbers without an interval": {"task": "regression", "interval": False, "tolerance": 20_000.0},
    "errors that cost": {
        "task": "regression",
        "champion": "compared",
        "tolerance": 20_000.0,
        "costs": {"over": 1.0, "under": 4.0},
    },
    "sixty inputs": {
        "task": "regression",
        "inputs": {f"a column with a long name {number}": number / 7 for number in range(60)},
    },
    "a number, refused": {"task": "regression", "rejected": True, "gates": {"floor": "not met"}},
    "three inputs": {"task": "multiclass", "inputs": {"a": 1, "b": None, "c": "x"}, "slices": False},
}
