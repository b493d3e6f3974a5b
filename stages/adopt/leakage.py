"""Columns that tell the target: copies of it, sums that make it, those that rank it too well, and two by a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.clean.columns.inference import Finding
from stages.clean.columns.parsing import parse_cells
from stages.train.leakage import find_leaks

NUMBERS = {"number", "integer"}
EXACT = 1e-9
"""Share of the target's variance left over by columns that add up to it."""
MOST_PARTS = 4
"""A target that is the sum of more columns than these is rather a formula than a leak."""
FEWEST_ROWS = 20
MOST_COMBINED = 8
"""Numbers of which every two are tried by formulas."""

Matrix = npt.NDArray[np.float64]


def find_copies(sample: pd.DataFrame, target: str, task: str, findings: Mapping[str, Finding]) -> dict[str, str]:
    """The columns that are the target under another name or spelling, or that add up to it; with how."""
    rows = sample[sample[target].str.strip() != ""]
    if len(rows) < FEWEST_ROWS:
        return {}
    truth = pd.factorize(rows[target].str.strip())[0]
    found = {}
    for name in rows.columns:
        if name == target or (task == "regression" and findings[name].kind not in NUMBERS):
            continue
        codes = pd.factorize(rows[name].str.strip())[0]
        pairs = len(np.unique(np.stack([codes, truth]), axis=1).T)
        if pairs != codes.max() + 1 or pairs != truth.max() + 1 or pairs < 2:
            continue
        if pairs <= len(rows) / 2 or _in_step(*(encode_numbers(rows[one], findings[one]) for one in (name, target))):
            found[name] = f"says what {target} says, value for value"
    if task == "regression":
        found |= _sums(rows.drop(columns=list(found)), target, findings)
    return found


def find_telling(
    sample: pd.DataFrame, target: str, task: str, findings: Mapping[str, Finding], names: Sequence[str]
) -> dict[str, str]:
    """What is said of the columns that alone, or two numbers by a formula, tell the target of other rows almost
    perfectly.
    """
    labels, known = _labels(sample[target], task, findings[target])
    if known.sum() < 2 * FEWEST_ROWS or not names:
        return {}
    matrix = np.column_stack([encode_numbers(sample[name], findings[name]) for name in names])[known]
    first = np.arange(len(matrix)) % 2 == 0
    if task != "regression" and len(np.unique(labels[first])) < 2:
        return {}

    def reach(columns: Sequence[str], values: Matrix) -> dict[str, float]:
        return find_leaks(columns, (values[first], labels[first]), (values[~first], labels[~first]), task)

    measure = "R²" if task == "regression" else "AUC"
    alone = reach(names, matrix)
    told = {
        name: f"Alone it tells {target} almost perfectly ({measure} {value:.3f}). If known only afterwards, move it "
        "to clean.drop_leaks."
        for name, value in alone.items()
    }
    numbers = [place for place, name in enumerate(names) if findings[name].kind in NUMBERS and name not in alone]
    formulas = _combine([names[place] for place in numbers[:MOST_COMBINED]], matrix[:, numbers[:MOST_COMBINED]])
    by_formula = reach(list(formulas), np.column_stack(list(formulas.values()))) if formulas else {}
    if by_formula:
        formula, value = max(by_formula.items(), key=lambda pair: pair[1])
        told[formula] = (
            f"It tells {target} almost perfectly ({measure} {value:.3f}): is {target} worked out from these two? A "
            "formula then needs no model."
        )
    return told


def _combine(names: Sequence[str], matrix: Matrix) -> dict[str, Matrix]:
    """The usual formulas of every two of the columns."""
    made: dict[str, Matrix] = {}
    with np.errstate(all="ignore"):
        for one, other in permutations(range(len(names)), 2):
            left, right, (first, second) = names[one], names[other], (matrix[:, one], matrix[:, other])
            made[f"{left} / {right}"] = first / second
            made[f"{left} / {right}²"] = first / second**2
            if one < other:
                made[f"{left} × {right}"] = first * second
                made[f"{left} - {right}"] = first - second
    return {name: np.where(np.isfinite(values), values, np.nan) for name, values in made.items()}


def _in_step(first: Matrix, second: Matrix) -> bool:
    """Whether one number always rises, or always falls, where the other rises: all pairs of different values are one to
    one.
    """
    known = ~(np.isnan(first) | np.isnan(second))
    steps = np.diff(second[known][np.argsort(first[known])])
    return len(steps) >= FEWEST_ROWS and bool((steps > 0).all() or (steps < 0).all())


def _sums(rows: pd.DataFrame, target: str, findings: Mapping[str, Finding]) -> dict[str, str]:
    """The few number columns of which the target is an exact weighted sum."""
    names = [name for name in rows.columns if name != target and findings[name].kind in NUMBERS]
    matrix = np.column_stack([encode_numbers(rows[name], findings[name]) for name in [target, *names]])
    matrix = matrix[~np.isnan(matrix).any(axis=1)]
    if not names or len(matrix) < max(FEWEST_ROWS, 3 * len(names)):
        return {}
    matrix /= np.abs(matrix).max(axis=0).clip(np.finfo(float).tiny)  # else the squares of large numbers overflow
    centred = matrix - matrix.mean(axis=0)
    spread = centred.std(axis=0)
    if spread[0] == 0:
        return {}
    scaled = centred / np.where(spread > 0, spread, 1)
    weights, *_ = np.linalg.lstsq(scaled[:, 1:], scaled[:, 0], rcond=None)
    left = scaled[:, 0] - scaled[:, 1:] @ weights
    parts = [name for name, weight in zip(names, weights, strict=True) if abs(weight) > 1e-6]
    if float(left.var()) > EXACT or not 0 < len(parts) <= MOST_PARTS:
        return {}
    how = (
        f"a part of {target}, which is a sum of {' and '.join(parts)}" if len(parts) > 1 else f"{target} in other units"
    )
    return dict.fromkeys(parts, how)


def encode_numbers(texts: pd.Series[str], finding: Finding) -> Matrix:
    """The column as numbers: those of a category tell its texts apart, and mean nothing else."""
    spellings = {"", *finding.missing, *finding.stray}
    if finding.kind in ("number", "integer", "date", "time"):
        values, _ = parse_cells(texts, finding.spec, spellings)
        if values.dtype.kind == "M":
            return np.where(np.isnat(values), np.nan, values.astype(np.int64).astype(np.float64))
        return np.asarray(values, dtype=np.float64)
    stripped = texts.str.strip()
    codes = pd.factorize(stripped, sort=True)[0].astype(np.float64)
    return np.where(stripped.isin(list(spellings)), np.nan, codes)


def _labels(texts: pd.Series[str], task: str, finding: Finding) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """The target as `find_leaks` takes it, of the rows where it is known, and which those are."""
    if task == "regression":
        values = encode_numbers(texts, finding)
        return values[~np.isnan(values)], ~np.isnan(values)
    stripped = texts.str.strip()
    known = (~stripped.isin(["", *finding.missing])).to_numpy()
    codes = pd.factorize(stripped[known], sort=True)[0]
    return (codes == 1 if task == "binary" else codes), known
